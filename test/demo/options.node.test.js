import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseOptions } from '../../examples/demo/options.mjs';

const options = suite('demo: options');
const parse = (/** @type {string} */ line) =>
  parseOptions(line === '' ? [] : line.split(' '), '/folder');

options('defaults', () => {
  const { input, ...rest } = parse('');
  assert.match(input, /demo-speech\.wav$/);
  assert.equal(rest, {
    loss: 0,
    network: null,
    bitrate: 24_000,
    direct: false,
    speed: 1,
    json: false,
    attack: 'none',
    help: false,
  });
});

options('every option', () => {
  const all = parse('--input a.wav --loss 2.5 --bitrate 16k --direct --speed 4 --json');
  assert.match(all.input, /folder.a\.wav$/);
  assert.is(all.loss, 2.5);
  assert.is(all.bitrate, 16_000);
  assert.is(all.direct, true);
  assert.is(all.speed, 4);
  assert.is(all.json, true);
  assert.is(parse('--bitrate=32000').bitrate, 32_000);
  assert.is(parse('--loss 5%').loss, 5);
  assert.is(parse('--network train').network, 'train');
  assert.is(parse('--speed').speed, 10);
  assert.is(parse('--speed --json').speed, 10);
  assert.is(parse('--attack').attack, 'relay');
  assert.is(parse('--attack --json').attack, 'relay');
  assert.is(parse('--attack commitment').attack, 'commitment');
  assert.is(parse('-h').help, true);
});

options('one line for what is wrong', () => {
  const wrong = {
    '--nonsense': /^unknown option --nonsense$/,
    '-x': /^unknown option -x$/,
    'file.wav': /^unexpected argument "file.wav"$/,
    '--input': /^--input needs a value$/,
    '--input --json': /^--input needs a value$/,
    '--input=': /^--input needs a value$/,
    '--loss': /^--loss needs a value$/,
    '--loss much': /^--loss expected a percentage from 0 to 90, got "much"$/,
    '--loss 91': /^--loss expected/,
    '--loss -1': /^--loss expected/,
    '--bitrate 5999': /^--bitrate expected/,
    '--bitrate 24kb': /^--bitrate expected/,
    '--speed 0': /^--speed expected a factor from 1 to 50, got "0"$/,
    '--speed fast': /^--speed expected/,
    '--attack everything': /^--attack expected nothing or "commitment"/,
    '--attack --direct': /leave out --direct/,
    '--network moon':
      /^--network expected good-wifi, bad-wifi, bus-3g, train, satellite, got "moon"$/,
    '--network train --loss 5': /^--network excludes --loss$/,
    '--speed --network train': /^--network excludes --speed$/,
    '--json --json': /^--json is given twice$/,
    '--json yes': /^unexpected argument "yes"$/,
  };
  for (const [line, message] of Object.entries(wrong)) {
    assert.throws(
      () => parse(line),
      (/** @type {Error} */ error) =>
        error.name === 'UsageError' && message.test(error.message) && !error.message.includes('\n'),
      line,
    );
  }
});

options.run();
