// Starts a browser on one address without any automation protocol: the page reports by itself.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const firefoxPrefs = {
  'browser.shell.checkDefaultBrowser': false,
  'browser.aboutwelcome.enabled': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
  'app.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

const onPath = (name) => process.env.PATH.split(delimiter).map((dir) => join(dir, name));
const miniBrowser = ['x86_64', 'aarch64'].flatMap((cpu) =>
  ['4.1', '4.0', '6.0'].map((abi) =>
    abi === '6.0'
      ? `/usr/lib/${cpu}-linux-gnu/webkitgtk-6.0/MiniBrowser`
      : `/usr/lib/${cpu}-linux-gnu/webkit2gtk-${abi}/MiniBrowser`,
  ),
);

const browsers = {
  chromium: {
    candidates: ['CHROMIUM_PATH', 'chromium', 'chromium-browser', 'google-chrome'],
    args: (profile, url) => [
      '--headless=new',
      '--no-sandbox', // CI runs as root
      '--disable-dev-shm-usage', // containers have a small /dev/shm
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      `--user-data-dir=${profile}`,
      url,
    ],
  },
  firefox: {
    candidates: ['FIREFOX_PATH', 'firefox-esr', 'firefox'],
    args: (profile, url, prefs) => {
      const lines = Object.entries({ ...firefoxPrefs, ...prefs }).map(
        ([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`,
      );
      writeFileSync(join(profile, 'user.js'), lines.join(''));
      return ['--headless', '--no-remote', '--profile', profile, url];
    },
  },
  webkit: {
    candidates: ['WEBKIT_PATH', ...miniBrowser],
    wrap: ['xvfb-run', '-a'],
    args: (_profile, url) => ['--ignore-tls-errors', url],
  },
};

function find(name) {
  const [variable, ...names] = browsers[name].candidates;
  const given = process.env[variable];
  return [
    ...(given ? [given] : []),
    ...names.flatMap((n) => (n.startsWith('/') ? [n] : onPath(n))),
  ].find(existsSync);
}

/**
 * Returns undefined when the browser is not installed. `more` are further arguments, `prefs` settings of
 * Firefox.
 */
export function launch(name, url, more = [], prefs = {}) {
  const path = find(name);
  if (!path) return undefined;
  const { args, wrap = [] } = browsers[name];
  const profile = mkdtempSync(join(tmpdir(), `${name}-`));
  const [command, ...rest] = [...wrap, path, ...more, ...args(profile, url, prefs)];
  const child = spawn(command, rest, {
    detached: true, // its own process group, so that helper processes end with it
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      HOME: profile,
      XDG_RUNTIME_DIR: profile,
      MOZ_DISABLE_CONTENT_SANDBOX: '1',
    },
  });
  let log = '';
  child.stderr.on('data', (chunk) => (log = (log + chunk).slice(-4000)));
  const exited = new Promise((done) => child.on('close', done));
  return {
    exited,
    log: () => log,
    async close() {
      try {
        process.kill(-child.pid, 'SIGTERM');
        const stubborn = setTimeout(() => {
          try {
            process.kill(-child.pid, 'SIGKILL');
          } catch {
            /* gone */
          }
        }, 2000);
        await exited;
        clearTimeout(stubborn);
      } catch {
        /* gone */
      }
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
