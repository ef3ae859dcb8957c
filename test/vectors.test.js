// The checker of known answers: over the files of this repository, and over files that were spoilt,
// which proves that every section can fail.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFile, describeSection } from './vectors/checker.js';
import mtproto from './fixtures/vectors/mtproto.json' with { type: 'json' };
import callPackets from './fixtures/vectors/call-packets.json' with { type: 'json' };

const vectors = suite('vectors');

/** @type {Record<string, any>} */
const groups = mtproto.groups;
/** @type {Record<string, any>} */
const packets = callPackets;

const COVERED = {
  mtproto:
    'aes256_block aes256_cbc aes256_ctr aes128_ige_published aes256_ige hash hmac pbkdf2_sha512 ' +
    'crc32 tl_bytes kdf_v1 kdf_v2 kdf_call message_v1 message_v2 open_v2_reject call_packet key_ids ' +
    'tmp_aes handshake handshake_sample dh_call emoji dh_config dh_public rsa_pad rsa_fingerprint pq ' +
    'obfuscated2 obfuscated2_forbidden fake_tls framing bind_temp_auth_key srp',
  callPackets:
    'kdf typedMessages seqWords sealed json plainFramed mustNotOpen badBodies replay sessions ' +
    'reflector',
};

for (const [name, file] of Object.entries({ mtproto, callPackets })) {
  vectors(`${name}: nothing fails, nothing is unknown, what is built is covered`, async () => {
    const sections = (await checkFile(file)) ?? [];
    assert.equal(
      sections.flatMap(({ failures }) => failures),
      [],
    );
    const covered = COVERED[name].split(' ');
    for (const { name: section, state, cases, passed } of sections) {
      assert.is(state, covered.includes(section) ? 'checked' : 'later', section);
      assert.is(passed, state === 'checked' ? cases : 0, section);
    }
    assert.ok(covered.every((section) => sections.some((entry) => entry.name === section)));
  });
}

/** Keys that explain, or whose value makes no difference to the outcome. */
const FREE = ['src', 'note', 'label', 'name', 'why', 'primeName', 'serverId', 't', 'packetIndex'];
/** Inputs that may change without changing the verdict. */
const FREE_IN = {
  dh_config: ['g', 'prime'],
  dh_public: ['gx'],
  obfuscated2_forbidden: ['init'],
  replay: ['counters'],
  mustNotOpen: ['packet'],
  badBodies: ['body'],
  sessions: ['cause'],
  plainFramed: typeof DecompressionStream === 'function' ? [] : ['inflated'],
};

/** Sections that are an object of cases. */
const WHOLE = ['reflector', 'json'];

/** Sections whose cases take long: every so many fields is spoilt. */
const STRIDES = { dh_call: 6, srp: 6, handshake: 2, handshake_sample: 2 };

/** A case may do without. */
const OPTIONAL = ['inflated', 'split', 'repeat'];

const copy = (value) => JSON.parse(JSON.stringify(value));

/** Paths of all values in a case that have to matter. */
function paths(value, section, path = []) {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    FREE.includes(key) || FREE_IN[section]?.includes(key)
      ? []
      : paths(inner, section, [...path, key]),
  );
}

const at = (value, path) => path.reduce((inner, key) => inner?.[key], value);

function spoil(value) {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return 'spoilt';
  if (value.length < 2) return '00';
  const other = (digit) => (digit === '0' ? '1' : '0');
  return other(value[0]) + value.slice(1, -1) + other(value[value.length - 1]);
}

/** A file with one section, whose content is a case. */
const oneCase = {
  mtproto: (section, entry) => ({ groups: { [section]: { ...groups[section], cases: [entry] } } }),
  callPackets: (section, entry) => ({
    format: packets.format,
    key: packets.key,
    [section]: WHOLE.includes(section) ? entry : [entry],
  }),
};

/** The case with the most fields, accepted where there is a verdict. */
function richest(cases) {
  const size = (entry) => (entry.ok === false ? 0 : JSON.stringify(Object.keys(entry)).length);
  return cases.reduce((best, entry) => (size(entry) > size(best) ? entry : best));
}

async function failures(file) {
  const sections = (await checkFile(file)) ?? [];
  return sections.flatMap((section) => section.failures);
}

for (const [kind, names] of Object.entries(COVERED)) {
  for (const section of names.split(' ')) {
    vectors(`${section}: fails when a field is wrong or missing`, async () => {
      const content = kind === 'mtproto' ? groups[section].cases : packets[section];
      const entry = Array.isArray(content) ? richest(content) : content;
      const all = paths(entry, section);
      const stride = STRIDES[section] ?? 1;
      assert.equal(await failures(oneCase[kind](section, entry)), []);
      for (let i = 0; i < all.length; i += stride) {
        const path = all[i];
        const wrong = copy(entry);
        const last = path[path.length - 1];
        const holder = at(wrong, path.slice(0, -1));
        holder[last] = spoil(holder[last]);
        const label = `${path.join('.')} = ${JSON.stringify(holder[last]).slice(0, 40)}`;
        assert.is.not((await failures(oneCase[kind](section, wrong))).length, 0, label);
        const absent = WHOLE.includes(section) && path.length === 1; // no frame, no case
        if (OPTIONAL.includes(last) || absent || Array.isArray(holder)) continue;
        delete holder[last];
        const missing = await failures(oneCase[kind](section, wrong));
        assert.is.not(missing.length, 0, `${path.join('.')} missing`);
      }
    });
  }
}

vectors('mustNotOpen fails when a packet opens, badBodies when a body is good', async () => {
  const [{ channel, sender, packet, body, mode }] = packets.sealed;
  const opens = oneCase.callPackets('mustNotOpen', { channel, sender, packet });
  assert.is((await failures(opens)).length, 1);
  assert.is((await failures(oneCase.callPackets('badBodies', { mode, body }))).length, 1);
});

vectors('replay and dh_public fail on another verdict', async () => {
  for (const entry of packets.replay) {
    const wrong = copy(entry);
    wrong.accept[wrong.accept.length - 1] = !wrong.accept[wrong.accept.length - 1];
    assert.is((await failures(oneCase.callPackets('replay', wrong))).length, 1);
  }
  for (const entry of groups.dh_public.cases) {
    const wrong = oneCase.mtproto('dh_public', { ...entry, ok: !entry.ok });
    assert.is((await failures(wrong)).length, 1);
  }
});

vectors(
  'an unknown section fails, an empty one has no cases, one without a list fails',
  async () => {
    const [unknown, later, empty, broken, nothing] =
      (await checkFile({
        groups: {
          aes512: { cases: [1, 2] },
          secret_chat_file: { cases: [{}, {}, {}] },
          hash: { cases: [] },
          emoji: { note: 'no cases' },
          kdf_v2: null,
        },
      })) ?? [];
    assert.is(unknown.failures.length, 1);
    assert.is(describeSection(unknown), 'aes512: unknown section, 2 cases not checked');
    assert.is(later.failures.length, 0);
    assert.is(describeSection(later), 'secret_chat_file: later, 3 cases');
    assert.is(describeSection(empty), 'hash: 0 passed, 0 failed');
    assert.is(describeSection(broken), 'emoji: 0 passed, 1 failed');
    assert.is(describeSection(nothing), 'kdf_v2: 0 passed, 1 failed');
    const spoilt = await checkFile({
      format: packets.format,
      kdf: 7,
      replay: null,
      reflector: null,
    });
    assert.equal(
      spoilt?.map(({ failures: { length } }) => length > 0),
      [true, true, true],
    );
    const extra = await checkFile({ format: packets.format, key: packets.key, future: [1] });
    assert.equal(
      extra?.map(({ state }) => state),
      ['unknown'],
    );
  },
);

vectors('cases that are no cases fail, and the rest is still checked', async () => {
  const cases = [null, 7, 'text', {}, [], groups.emoji.cases[0]];
  const [section] = (await checkFile({ groups: { emoji: { cases } } })) ?? [];
  assert.is(describeSection(section), 'emoji: 1 passed, 5 failed');
});

vectors('files of other kinds are told apart', async () => {
  for (const file of [null, 1, 'x', [], {}, { groups: null }, { format: 'call-packets/2' }]) {
    assert.is(await checkFile(file), null);
  }
});

vectors.run();
