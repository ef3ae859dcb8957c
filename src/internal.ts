// Stages that tests and the vector checker need and that are not public. No promise of stability.
export { Deliveries, DueAcks, MAX_TRACKED, Unacknowledged } from './call/acknowledgements.ts';
export { parseBody, encodeEntry } from './call/body.ts';
export { callId } from './call/call-id.ts';
export { canonicalJson } from './call/canonical-json.ts';
export { isDirect, sameEndpoint } from './call/endpoints.ts';
export { emojiIndices } from './call/emoji.ts';
export { emojiHash } from './call/key-exchange.ts';
export { packetOffset } from './call/packet-options.ts';
export { ReplayWindow } from './call/replay-window.ts';
export { counterOf, isSingle, MAX_COUNTER, makeWord, needsAck } from './call/sequence-word.ts';
export { insecureRandomForTests } from './core/random.ts';
export { decodeUtf8, encodeUtf8 } from './core/utf8.ts';
export { addressBytes, addressText, canonicalHost, sourceBytes } from './relay/address.ts';
export { ConnectionLimit } from './relay/connections.ts';
export {
  answerTerms,
  choose,
  chooseVersion,
  LOCAL_CODECS,
  localProtocol,
  offerTerms,
} from './call/negotiation.ts';
export { Path } from './call/paths/path.ts';
export { PathSet } from './call/paths/path-set.ts';
export { PathTexts } from './call/paths/path-texts.ts';
export { encodeSealedMessage, parseSealedMessage } from './call/sealed-messages.ts';
export { SealedSignalling } from './call/sealed-signalling.ts';
export { SteadyClock } from './call/steady-clock.ts';
export { SequenceTracker } from './call/rtp.ts';
export { RateMeter } from './call/stats.ts';
export * as authKeyMessages from './mtproto/auth-key-messages.ts';
export { encodeBindInner } from './mtproto/bind-temp-auth-key.ts';
export { ExchangeSecrets } from './mtproto/exchange-secrets.ts';
export { rsaEnvelope } from './mtproto/rsa.ts';
export { passwordHash, srpRun } from './mtproto/srp.ts';
export { TlReader, TlWriter } from './mtproto/tl.ts';
export { helloDigest, isGenuine } from './mtproto/transport/fake-tls.ts';
export { mayStart, obfuscationKeys } from './mtproto/transport/obfuscated2.ts';
export { Resampler } from './files/resampler.ts';
export { readWav } from './files/wav-reader.ts';
export { wavHeader, wavSamples } from './files/wav-writer.ts';
export {
  concealAddresses,
  concealCandidate,
  formatCandidate,
  parseCandidate,
} from './transport/candidate.ts';
export { IceAgent } from './transport/ice-agent.ts';
export { md5 } from './transport/md5.ts';
export * as stun from './transport/stun.ts';
export { TurnAllocation } from './transport/turn.ts';
export { parseRed, RED_PAYLOAD_TYPE, writeRedHeaders } from './call/red.ts';
export { DelayEstimator } from './call/delay-estimator.ts';
export { FrameCollector } from './call/frame-collector.ts';
export { VoiceReceiver } from './call/voice-receiver.ts';
export { VoiceSender } from './call/voice-sender.ts';
export { decodeSignallingMessage, encodeSignallingMessage } from './call/signalling-bytes.ts';
export { encodeAck, encodeJoin, encodeMessage, parseRoomFrame } from './core/room-frames.ts';
export { metricsText } from './relay/metrics.ts';
export { ROOM_CLOSE, SignallingRooms } from './relay/signalling-rooms.ts';
export { StreamReader, streamFrame, streamMark } from './relay/stream-framing.ts';
export { BandwidthEstimator } from './call/bandwidth.ts';
export { FEEDBACK_BYTES, parseFeedback, writeFeedback } from './call/feedback.ts';
export { QualityLoop } from './call/quality-loop.ts';
export { opusCodec } from './call/voice-codec.ts';
