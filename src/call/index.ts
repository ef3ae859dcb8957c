export { type Clock, ClockError, systemClock } from '../core/clock.ts';
export { Call } from './call.ts';
export { type CallCore, createCallCore } from './call-core.ts';
export type { CallEnd, CallEndReason, CallEvents, CallState, CallStep } from './call-events.ts';
export type { CallOptions, CallTimeouts, PathConnector } from './call-options.ts';
export { type EmojiFingerprint, emojiFingerprint } from './emoji.ts';
export { MAX_ENDPOINTS, parseEndpoint } from './endpoints.ts';
export { CallError, type CallErrorCode } from './errors.ts';
export { CalleeExchange, CallerExchange, type ExchangeOptions } from './key-exchange.ts';
export type { CallMessage, PacketMode, VideoFormat } from './messages.ts';
export { LIBRARY_VERSION } from './negotiation.ts';
export { PacketConnection } from './packet-connection.ts';
export type { CallRole, PacketConnectionOptions, PacketStats } from './packet-options.ts';
export { OpeningDecoder } from './opening-decoder.ts';
export {
  PlayoutBuffer,
  type PlayoutOptions,
  type PlayoutStats,
  type PlayoutStep,
} from './playout.ts';
export type { QualityController, QualityDecision, QualityReport } from './quality.ts';
export { type QualityRuleOptions, qualityRule } from './quality-rule.ts';
export { parseRtp, type RtpPacket, writeRtpHeader } from './rtp.ts';
export { type SealOptions, SealingEncoder } from './sealing-encoder.ts';
export type { Channel, ServiceCause } from './service-timers.ts';
export type { CallProtocol } from './protocol.ts';
export {
  type DiscardReason,
  type MessagePortLike,
  messagePortSignalling,
  parseSignallingMessage,
  type Signalling,
  type SignallingMessage,
} from './signalling.ts';
export type { CallPath, CallStats } from './stats.ts';
export type {
  VoiceCodec,
  VoiceDecoder,
  VoiceEncoder,
  VoiceEncoderOptions,
  VoiceFormat,
} from './voice-types.ts';
export {
  type SignallingState,
  webSocketSignalling,
  type WebSocketSignallingOptions,
} from './websocket-signalling.ts';
