export { type Clock, ClockError, systemClock } from '../core/clock.ts';
export { type EmojiFingerprint, emojiFingerprint } from './emoji.ts';
export { CallError, type CallErrorCode } from './errors.ts';
export { CalleeExchange, CallerExchange, type ExchangeOptions } from './key-exchange.ts';
export type { CallMessage, PacketMode, VideoFormat } from './messages.ts';
export { PacketConnection } from './packet-connection.ts';
export type { CallRole, PacketConnectionOptions, PacketStats } from './packet-options.ts';
export type { Channel, ServiceCause } from './service-timers.ts';
