// Stages that tests and the vector checker need and that are not public. No promise of stability.
export { Deliveries, DueAcks, MAX_TRACKED, Unacknowledged } from './call/acknowledgements.ts';
export { parseBody, encodeEntry } from './call/body.ts';
export { callId } from './call/call-id.ts';
export { emojiIndices } from './call/emoji.ts';
export { emojiHash } from './call/key-exchange.ts';
export { packetOffset } from './call/packet-options.ts';
export { ReplayWindow } from './call/replay-window.ts';
export { counterOf, isSingle, MAX_COUNTER, makeWord, needsAck } from './call/sequence-word.ts';
export { insecureRandomForTests } from './core/random.ts';
export { decodeUtf8, encodeUtf8 } from './core/utf8.ts';
export { addressBytes, addressText, canonicalHost } from './relay/address.ts';
export { answerEndpoints, choosePath, chooseVersion, localProtocol } from './call/negotiation.ts';
export { SequenceTracker } from './call/rtp.ts';
export { RateMeter } from './call/stats.ts';
export { Resampler } from './files/resampler.ts';
export { readWav } from './files/wav-reader.ts';
export { wavHeader, wavSamples } from './files/wav-writer.ts';
