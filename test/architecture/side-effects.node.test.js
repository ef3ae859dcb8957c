import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { browserSafe, root } from '../../scripts/lib/package.mjs';

// "sideEffects" in package.json promises bundlers that what is not used may go. What bundlers see.
const effects = suite('architecture: side effects');

/** @param {string} contents */
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    external: ['node:module'],
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
/** Inlined modules: base64 of "\0asm", version 1. @param {string} text */
const modules = (text) => text.split('AGFzbQEAAAAB').length - 1;

for (const { name } of browserSafe) {
  effects(`an unused import of ${name} leaves nothing`, async () => {
    assert.is((await bundle(`import * as unused from '${name}';`)).trim(), '');
  });
}

effects('what is used brings no compiled module that it does not need', async () => {
  // Whoever uses one needs the small one that decodes base64, too.
  const counts = {
    'sottovoce/call': { emojiFingerprint: 0, PacketConnection: 0, createCallCore: 2 },
    'sottovoce/crypto': { DH_PRIME: 0, checkDhConfig: 0, createCrypto: 2 },
    'sottovoce/opus': { MAX_PACKET_BYTES: 0, createOpus: 2 },
  };
  for (const [from, names] of Object.entries(counts)) {
    for (const [name, count] of Object.entries(names)) {
      assert.is(modules(await bundle(`export { ${name} } from '${from}';`)), count, name);
    }
  }
});

effects.run();
