import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sparkline, writeNetworkReport } from '../../examples/demo/network-report.mjs';

const report = suite('demo: network report');
const folder = mkdtempSync(join(tmpdir(), 'report-'));
report.after(() => rmSync(folder, { recursive: true, force: true }));

/** Samples of a call in which every tenth packet is lost. @param {number} count */
const samples = (count) =>
  Array.from({ length: count }, (_, i) => ({
    seconds: i / 10,
    voice: 24_000,
    wire: 40_000,
    frameMs: 20,
    redundancy: i > 20 ? 1 : 0,
    delayMs: i === 0 ? null : 150 + i,
    playoutMs: 40,
    rttMs: 120,
    received: 9 * i,
    lost: i,
    played: 9 * i,
    concealed: Math.floor(i / 2),
    recovered: Math.ceil(i / 2),
  }));

report('one file with graphs and audio, and nothing from elsewhere', () => {
  const wav = join(folder, 'a.wav');
  writeFileSync(wav, Uint8Array.of(1, 2, 3));
  const path = join(folder, 'report.html');
  const audio = [{ name: 'What <b> heard', file: wav }];
  writeNetworkReport(path, { title: 'a & b', caller: samples(50), callee: samples(50), audio });
  const html = readFileSync(path, 'utf8');
  assert.is(html.match(/<svg /g)?.length, 5);
  assert.ok(html.includes('data:audio/wav;base64,AQID'));
  assert.ok(html.includes('What &#60;b&#62; heard') && html.includes('a &#38; b'));
  assert.not.match(html, /https?:|src="(?!data:)|NaN|Infinity|undefined|<script/);
});

report('no samples at all', () => {
  const path = join(folder, 'empty.html');
  writeNetworkReport(path, { title: 'x', caller: [], callee: [], audio: [] });
  assert.not.match(readFileSync(path, 'utf8'), /NaN|Infinity|undefined/);
});

report('a line of blocks', () => {
  assert.is(sparkline([0, 250, 500, 900, -1], 500), '▁▅██▁');
  assert.is(sparkline([], 500), '');
});

report.run();
