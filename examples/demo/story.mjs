// What is told to the person in front of the screen, in the order in which it happens.
import { hex, plural, size } from './screen.mjs';

/** @typedef {import('./screen.mjs').Screen} Screen */
/** @typedef {import('./options.mjs').Options} Options */
/** @typedef {import('./report.mjs').Report} Report */
/** @typedef {import('sottovoce/call').SignallingMessage} SignallingMessage */
/** @typedef {import('sottovoce/call').CallStep} CallStep */

/** Width of the column that says who. Lines fit 80 characters. */
const ROUTE = 19;
const TYPE = 16;

/** @param {Screen} screen @param {Options} options @param {{ host: string, port: number } | null} relay */
export function network(screen, { bitrate, loss, network, speed }, relay) {
  screen.row('codec', `Opus at ${bitrate / 1000} kbit/s, frames of 20 ms`);
  const path = relay ? `through a relay at ${relay.host}:${relay.port}` : 'without a relay';
  screen.row('network', `UDP on the loopback, ${path}${loss > 0 ? `, ${loss}% loss` : ''}`);
  if (network !== null) screen.row('', `made to behave like ${network}`);
  if (speed !== 1) screen.row('speed', `${speed} times faster than real time`);
}

/** @param {Screen} screen @param {Options['attack']} attack */
export function exchangeBegins(screen, attack) {
  screen.heading('Key exchange');
  if (attack !== 'none') {
    screen.line(`  ${screen.bad('A man in the middle holds signalling and relay.')}`);
  }
}

/**
 * What the man in the middle does with a message before he sends it on.
 * @type {Partial<Record<Options['attack'], Partial<Record<SignallingMessage['type'], string>>>>}
 */
const TRICKS = {
  relay: {
    request: 'keeps the caller’s commitment, commits to a g_a of his own',
    accept: 'keeps the callee’s g_b, sends one of his own',
    confirm: 'has a key with each of them now',
  },
  commitment: {
    confirm: 'puts in a g_a of his own, with its fingerprint',
  },
};

/**
 * @param {Screen} screen @param {SignallingMessage} message @param {string} from @param {string} to
 * @param {Options['attack']} attack
 */
export function signalling(screen, message, from, to, attack) {
  const text = describe(message);
  if (text === null) return;
  const trick = from === 'attacker' ? TRICKS[attack]?.[message.type] : undefined;
  if (trick) screen.line(`  ${screen.bad('attacker'.padEnd(ROUTE))}${trick}`);
  screen.line(`  ${`${from} → ${to}`.padEnd(ROUTE)}${message.type.padEnd(TYPE)}${text}`.trimEnd());
}

/** @param {SignallingMessage} message @returns {string | null} */
function describe(message) {
  switch (message.type) {
    case 'request':
      return `commits to g_a: SHA-256 ${hex(message.gAHash)}`;
    case 'ringing':
      return '';
    case 'accept':
      return `g_b ${hex(message.gB)} (${message.gB.length} bytes)`;
    case 'confirm':
      return `g_a ${hex(message.gA)}, key fingerprint ${fingerprint(message.keyFingerprint)}`;
    case 'signaling-data':
      return `${message.data.length} sealed bytes`;
    default:
      return message.reason === 'hangup' ? null : `reason: ${message.reason}`;
  }
}

/** @param {bigint} value @returns {string} 16 hexadecimal digits */
export function fingerprint(value) {
  return BigInt.asUintN(64, value).toString(16).padStart(16, '0');
}

/** What one of the two checks or does by itself. @param {Screen} screen @param {CallStep} step @param {string} who */
export function callStep(screen, step, who) {
  /** @type {Partial<Record<CallStep['name'], string>>} */
  const texts = {
    'commitment-verified': 'g_a is the one that was committed to',
    key: 'has the key, and it never leaves WebAssembly memory',
    'first-packet': 'opened the first packet of the other: the call is up',
  };
  const text = texts[step.name];
  if (text) screen.line(`  ${who.padEnd(ROUTE)}${screen.dim(text)}`);
}

/**
 * @param {Screen} screen
 * @param {string[]} caller
 * @param {string[]} callee
 */
export function emojis(screen, caller, callee) {
  const same = caller.join() === callee.join();
  screen.heading('Emojis, to be compared by voice');
  screen.row('caller', caller.join('  '));
  screen.row('callee', callee.join('  '));
  screen.line(
    same
      ? `  ${screen.good('The same: nobody is in between.')}`
      : `  ${screen.bad('They differ: somebody is in between. Nothing else betrays him.')}`,
  );
}

/** @param {Screen} screen @param {Report} report @param {number} exitCode */
export function ending(screen, report, exitCode) {
  if (report.attack === 'commitment') {
    broken(screen, report);
  } else {
    sealedVoice(screen, report);
    if (report.attack === 'relay') attackerView(screen, report);
    else if (!report.direct) relayView(screen, report);
    copies(screen, report);
  }
  screen.row('report', report.files.report);
  screen.line();
  for (const failure of report.failures) screen.line(screen.bad(`FAILED: ${failure}`));
  if (exitCode === 0) {
    screen.line(screen.good('The call was held; nobody else could read it.'));
  } else if (exitCode === 3) {
    screen.line(screen.bad('The emojis differ: a man in the middle heard everything.'));
    screen.line('Only comparing the emojis betrays him.');
  } else if (exitCode === 4) {
    screen.line(
      screen.good('The commitment held: the man in the middle was caught, nothing was said.'),
    );
  }
}

/** @param {Screen} screen @param {Report} report */
function sealedVoice(screen, { packets, bytes, bitrate, delayMs, options, playoutDelayMs }) {
  screen.heading('What was sent');
  screen.row(
    'sealed packets',
    `${plural(packets.sent, 'packet')}, ${size(bytes)}, both directions`,
  );
  const { tampered, replayed, truncated } = packets.injected;
  const forged = tampered + replayed + truncated;
  if (forged > 0) {
    screen.row('slipped in', `${tampered} tampered, ${replayed} replayed, ${truncated} truncated`);
    const missing = options.loss > 0 && packets.dropped < forged ? '; the others were lost' : '';
    screen.row('dropped', `${packets.dropped} of these ${forged}${missing}`);
  } else if (packets.dropped > 0) {
    screen.row('dropped', plural(packets.dropped, 'packet'));
  }
  if (packets.lost > 0) {
    screen.row(
      'lost',
      `${plural(packets.lost, 'voice packet')} (${options.loss}% asked for): ${packets.concealed} concealed, ${packets.recovered} recovered`,
    );
  }
  screen.row('voice', `${(bitrate / 1000).toFixed(1)} kbit/s each way`);
  if (delayMs.p50 !== null && delayMs.p95 !== null) {
    screen.row(
      'mouth to ear',
      `${Math.round(delayMs.p50)} ms, 95% within ${Math.round(delayMs.p95)} ms (${playoutDelayMs} ms in the playout buffer)`,
    );
  }
}

/** @param {Screen} screen @param {Report} report */
function relayView(screen, { relay }) {
  screen.heading('What the relay saw');
  screen.row('traffic', `${plural(relay.datagrams, 'datagram')}, ${size(relay.bytes)}`);
  screen.row('entropy', `${relay.entropy.toFixed(3)} bits per byte, 8 is random`);
  screen.row(
    'could open',
    `${relay.opened} of ${relay.packets}, with ${relay.guesses} keys made from all that passed through`,
  );
  screen.row('control', `${relay.control} of ${relay.packets} open with the call’s own key`);
  screen.row(
    'voice in it',
    relay.opusRuns + relay.pcmRuns === 0
      ? 'not 8 bytes of any Opus packet, not 16 bytes of the speech'
      : `${relay.opusRuns} pieces of Opus packets, ${relay.pcmRuns} pieces of the speech`,
  );
}

/** @param {Screen} screen @param {Report} report */
function attackerView(screen, { relay, files }) {
  screen.heading('What the man in the middle saw');
  screen.row('opened', `${relay.opened} of ${relay.packets} packets, and sealed them again`);
  screen.row('heard', `${files.attacker}: the caller on the left, the callee on the right`);
}

/** @param {Screen} screen @param {Report} report */
function copies(screen, { files, quality }) {
  screen.heading('What was heard');
  for (const name of /** @type {const} */ (['received', 'receivedBack'])) {
    const figures = quality.details?.[name];
    const path = files[name];
    if (!figures || !path) continue;
    const { spectralSimilarity, logSpectralDistanceDb } = figures;
    const text =
      spectralSimilarity === null
        ? 'the input is silent or too short to compare'
        : `${(100 * spectralSimilarity).toFixed(1)}% like the input (spectral similarity; distance ${logSpectralDistanceDb} dB)`;
    const who = name === 'received' ? 'the callee' : 'the caller';
    screen.row(`by ${who}`, path);
    screen.row('', text);
  }
}

/** @param {Screen} screen @param {Report} report */
function broken(screen, { ended, packets }) {
  screen.heading('The call was refused');
  screen.row('callee says', `${ended?.code}: this g_a is not the one that was committed to`);
  screen.row('voice sent', plural(packets.voice, 'packet'));
}
