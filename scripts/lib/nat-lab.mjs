// Two homes behind NATs and an internet between them, of network namespaces on this machine. Nothing
// leaves it. Addresses are of the documentation ranges.
import { execFileSync, spawn } from 'node:child_process';
import process from 'node:process';

/** Namespaces of one run have names of their own. */
const prefix = `sv${process.pid}`;
const run = (command, ...args) =>
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
const works = (command, ...args) => {
  try {
    run(command, ...args);
    return true;
  } catch {
    return false;
  }
};

export const SERVERS = ['203.0.113.1', '203.0.113.2'];
export const homes = {
  caller: { lan: '192.168.1', wan: '203.0.113.10', later: '203.0.113.11' },
  callee: { lan: '192.168.2', wan: '203.0.113.20', later: '203.0.113.21' },
};

/** Why it cannot be built here; undefined if it can. */
export function missing() {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  for (const [command, argument] of [
    ['ip', '-V'],
    ['nft', '--version'],
    ['turnserver', '--version'],
  ]) {
    if (!works(command, argument)) return `needs ${command}`;
  }
  const name = `${prefix}try`;
  try {
    run('ip', 'netns', 'add', name);
    run('ip', 'netns', 'exec', name, 'nft', 'add', 'table', 'ip', 'try');
    return undefined;
  } catch (error) {
    return `no network namespaces with nftables: ${String(error.stderr ?? error).trim()}`;
  } finally {
    works('ip', 'netns', 'delete', name);
  }
}

/** Names of the namespaces. */
export const names = {
  internet: `${prefix}net`,
  caller: `${prefix}a`,
  callee: `${prefix}b`,
  natOf: { caller: `${prefix}na`, callee: `${prefix}nb` },
};

const ip = (space, ...args) => run('ip', '-n', space, ...args);
const nft = (space, text) =>
  execFileSync('ip', ['netns', 'exec', space, 'nft', '-f', '-'], {
    input: text,
    stdio: ['pipe', 'pipe', 'pipe'],
  });

/** A veth pair between two namespaces. */
function cable(space, device, otherSpace, otherDevice) {
  ip(space, 'link', 'add', device, 'type', 'veth', 'peer', otherDevice, 'netns', otherSpace);
  ip(space, 'link', 'set', device, 'up');
  ip(otherSpace, 'link', 'set', otherDevice, 'up');
}

/**
 * What a home router does: lets out what starts inside, and in what answers it. `symmetric` ones take a
 * random port for every destination, the others keep the port of the host.
 */
const rules = (symmetric, wan) => `
flush ruleset
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "wan" masquerade ${symmetric ? 'fully-random' : ''}
  }
}
table ip filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "lan" accept
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "lan" accept
  }
  chain counted {
    type filter hook postrouting priority filter;
    oifname "wan" ip daddr != { ${SERVERS.join(', ')} } counter
    ip saddr ${wan} counter
  }
}
`;

const { internet, natOf } = names;
const spaces = [internet, ...Object.keys(homes).flatMap((role) => [names[role], natOf[role]])];

/** Takes everything away that `build` has made. */
export function destroy() {
  for (const space of spaces) works('ip', 'netns', 'delete', space);
}

/** Builds everything. */
export function build() {
  for (const space of spaces) {
    run('ip', 'netns', 'add', space);
    ip(space, 'link', 'set', 'lo', 'up');
  }
  ip(internet, 'link', 'add', 'wan', 'type', 'bridge');
  ip(internet, 'link', 'set', 'wan', 'up');
  // What is for nowhere vanishes, as it does out there.
  cable(internet, 'void', internet, 'beyond');
  ip(internet, 'link', 'set', 'void', 'arp', 'off');
  ip(internet, 'route', 'add', 'default', 'dev', 'void');
  for (const address of SERVERS) ip(internet, 'addr', 'add', `${address}/24`, 'dev', 'wan');
  for (const [role, { lan, wan }] of Object.entries(homes)) {
    const nat = natOf[role];
    cable(nat, 'wan', internet, `to-${role}`);
    ip(internet, 'link', 'set', `to-${role}`, 'master', 'wan');
    ip(nat, 'addr', 'add', `${wan}/24`, 'dev', 'wan');
    cable(nat, 'lan', names[role], 'eth0');
    ip(nat, 'addr', 'add', `${lan}.1/24`, 'dev', 'lan');
    ip(names[role], 'addr', 'add', `${lan}.2/24`, 'dev', 'eth0');
    ip(names[role], 'route', 'add', 'default', 'via', `${lan}.1`);
    run('ip', 'netns', 'exec', nat, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  }
  return {
    /** @param {'caller' | 'callee'} role @param {'cone' | 'symmetric'} kind */
    setNat(role, kind) {
      nft(natOf[role], rules(kind === 'symmetric', homes[role].wan));
    },
    /** Packets that left a home for anything but the servers. */
    direct(role) {
      const text = run(
        'ip',
        'netns',
        'exec',
        natOf[role],
        'nft',
        'list',
        'chain',
        'ip',
        'filter',
        'counted',
      );
      return Number(/daddr != .*?counter packets (\d+)/.exec(text)?.[1] ?? Number.NaN);
    },
    /** The provider gives a home another address; what the NAT knew is gone. */
    moveHome(role) {
      const { wan, later } = homes[role];
      const nat = natOf[role];
      ip(nat, 'addr', 'add', `${later}/24`, 'dev', 'wan');
      ip(nat, 'addr', 'del', `${wan}/24`, 'dev', 'wan');
      works('ip', '-n', nat, 'addr', 'add', `${later}/24`, 'dev', 'wan');
      ip(internet, 'neigh', 'flush', 'all');
    },
    moveBack(role) {
      const { wan, later } = homes[role];
      const nat = natOf[role];
      works('ip', '-n', nat, 'addr', 'del', `${later}/24`, 'dev', 'wan');
      works('ip', '-n', nat, 'addr', 'add', `${wan}/24`, 'dev', 'wan');
    },
  };
}

/** Starts a program in a namespace. */
export const start = (space, command, args, options) =>
  spawn('ip', ['netns', 'exec', space, command, ...args], options);
