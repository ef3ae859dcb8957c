import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseRtp, writeRtpHeader } from 'sottovoce/call';
import { SequenceTracker } from 'sottovoce/internal';
import { prng } from '../support/prng.js';

const rtp = suite('call/rtp');

/** @param {string} text */
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

rtp('a header, field by field', () => {
  const packet = new Uint8Array(14).fill(0xaa);
  assert.is(writeRtpHeader(packet, 0x1234, 0x89abcdef, 2, true), 12);
  assert.equal(packet, bytes('80ef123489abcdef00000002aaaa'));
  assert.equal(parseRtp(packet), {
    payloadType: 111,
    marker: true,
    sequence: 0x1234,
    timestamp: 0x89abcdef,
    ssrc: 2,
    payload: bytes('aaaa'),
  });
  writeRtpHeader(packet, 0x10001, 0x100000002, 1, false);
  assert.equal(packet.subarray(0, 8), bytes('806f000100000002'), 'numbers wrap');
});

rtp('contributing sources, extensions and padding are skipped', () => {
  const head = '6f000100000002' + '00000001';
  for (const [packet, payload] of [
    [`82${head}1111111122222222ab`, 'ab'],
    [`90${head}bede000133333333abcd`, 'abcd'],
    [`90${head}bede0000ab`, 'ab'],
    [`a0${head}abcd000003`, 'abcd'],
    [`b1${head}11111111bede000133333333ab0002`, 'ab'],
    [`80${head}`, ''],
    [`a0${head}01`, ''],
  ]) {
    assert.equal(parseRtp(bytes(packet))?.payload, bytes(payload), packet);
  }
});

rtp('what is no RTP packet', () => {
  const head = '6f00010000000200000001';
  for (const packet of [
    '',
    `80${head}`.slice(0, 22),
    `40${head}ab`,
    `80c800010000000200000001ab`, // RTCP sender report
    `82${head}11111111`,
    `90${head}bede`,
    `90${head}bede000133`,
    `a0${head}ab00`,
    `a0${head}ab05`,
  ]) {
    assert.is(parseRtp(bytes(packet)), null, packet);
  }
});

rtp('random bytes never throw, and the payload lies inside', () => {
  const random = prng(1);
  for (let i = 0; i < 3000; i++) {
    const packet = random.bytes(random.int(60));
    if (packet.length > 0) packet[0] = 0x80 | (packet[0] & 0x3f);
    const parsed = parseRtp(packet);
    if (parsed) assert.ok(parsed.payload.length <= packet.length - 12);
  }
});

rtp('loss by sequence numbers, over the wrap and out of order', () => {
  const tracker = new SequenceTracker();
  assert.is(tracker.lost, 0);
  for (const sequence of [65534, 0, 65535, 1, 5]) tracker.add(sequence);
  assert.is(tracker.lost, 3);
  tracker.add(3);
  assert.is(tracker.lost, 2);
  tracker.add(65533); // sent before the first that arrived
  assert.is(tracker.lost, 2);
  for (let sequence = 6; sequence < 70000; sequence++) tracker.add(sequence & 0xffff);
  assert.is(tracker.lost, 2);
});

rtp.run();
