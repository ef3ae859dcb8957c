import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  addressBytes,
  addressText,
  canonicalHost,
  ConnectionLimit,
  sourceBytes,
} from 'sottovoce/internal';

const address = suite('relay/address');

/** @param {Uint8Array | null} bytes */
const hex = (bytes) => bytes && [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');

address('IPv4 is mapped into IPv6', () => {
  const bytes = /** @type {Uint8Array} */ (addressBytes('198.51.100.186'));
  assert.is(hex(bytes), '00000000000000000000ffffc63364ba');
  assert.is(addressText(bytes), '198.51.100.186');
});

address('a source is an IPv4 address or an IPv6 network', () => {
  for (const [host, source] of [
    ['192.0.2.1', '00000000000000000000ffffc0000201'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['2001:db8::1', '20010db800000000'],
    ['2001:db8::ffff:c000:201', '20010db800000000'],
    ['2001:db8:0:1::1', '20010db800000001'],
    ['nowhere', null],
  ]) {
    assert.is(hex(sourceBytes(/** @type {string} */ (host))), source);
  }
  const limit = new ConnectionLimit(10, 1);
  assert.ok(limit.enter('2001:db8::1'));
  assert.not(limit.enter('2001:db8::2'));
  assert.ok(limit.enter('2001:db8:0:1::1'));
  limit.leave('2001:db8::3');
  assert.ok(limit.enter('2001:db8::2'));
});

address('IPv6 in all its spellings', () => {
  for (const [text, bytes] of [
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8::8a2e:370:7334', '20010db80000000000008a2e03707334'],
    ['2001:DB8:0:0:0:8a2e:370:7334', '20010db80000000000008a2e03707334'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
    ['1::', '00010000000000000000000000000000'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ]) {
    assert.is(hex(addressBytes(text)), bytes, text);
  }
  assert.is(canonicalHost('::ffff:192.0.2.1'), '192.0.2.1');
  assert.is(canonicalHost('0:0:0:0:0:0:0:1'), canonicalHost('::1'));
});

address('what is no address is refused', () => {
  const names = ['', 'localhost', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.-4'];
  const colons = [':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9'];
  const groups = ['1:2:3:4:5:6:7::8:9', '12345::', 'g::', '1.2.3.4::', '::1.2.3'];
  for (const text of [...names, ...colons, ...groups]) assert.is(addressBytes(text), null, text);
});

address.run();
