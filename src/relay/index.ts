export type { Address } from './address.ts';
export { RelayError, type RelayErrorCode } from './errors.ts';
export {
  BASE_BYTES,
  DATA_HEADER_BYTES,
  TAG_BYTES,
  type DataFrame,
  type PeerInfo,
  type SelfInfo,
  dataFrameLength,
  encodeDataFrame,
  encodeHello,
  encodePeerInfo,
  encodePeerInfoRequest,
  encodePing,
  encodeSelfInfo,
  encodeStreamHello,
  isSpecialFrame,
  makeTag,
  parseDataFrame,
  parsePeerInfo,
  parsePeerInfoRequest,
  parsePing,
  parseSelfInfo,
  writeDataFrame,
} from './framing.ts';
export {
  RelayCore,
  type RelayCoreOptions,
  type RelayStats,
} from './relay-core.ts';
export { createRoomToken, type RoomTokenOptions } from './room-token.ts';
export type { RelayLine } from './session.ts';
export { createRelayTicket, type RelayTicketOptions } from './ticket.ts';
