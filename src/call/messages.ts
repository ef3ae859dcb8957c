/** A video codec that the sender of the message can use; `parameters` as in SDP's fmtp line. */
export type VideoFormat = {
  /** Name of the codec, such as VP8 or H264. */
  readonly name: string;
  /** By name; ASCII. */
  readonly parameters: Readonly<Record<string, string>>;
};

/**
 * What two ends of a call say to each other. `data` of a received message is *borrowed*: it is valid
 * until the handler that got it returns or gives the connection another packet.
 */
export type CallMessage =
  /** ICE candidates (as SDP attributes) and credentials. */
  | {
      readonly type: 'candidatesList';
      readonly candidates: readonly string[];
      readonly ufrag: string;
      readonly pwd: string;
    }
  /** Codecs in order of preference; the first `encodersCount` can also be sent. */
  | {
      readonly type: 'videoFormats';
      readonly formats: readonly VideoFormat[];
      readonly encodersCount: number;
    }
  | { readonly type: 'requestVideo' }
  /** `audio`: 0 muted, 1 active; `video`: 0 inactive, 1 paused, 2 active. */
  | { readonly type: 'remoteMediaState'; readonly audio: 0 | 1; readonly video: 0 | 1 | 2 }
  /** One RTP or RTCP packet. */
  | { readonly type: 'audioData'; readonly data: Uint8Array }
  /** One RTP or RTCP packet. */
  | { readonly type: 'videoData'; readonly data: Uint8Array }
  | { readonly type: 'unstructuredData'; readonly data: Uint8Array }
  /** Preferred width / height, times 1000. */
  | { readonly type: 'videoParameters'; readonly aspectRatio: number }
  | { readonly type: 'remoteBatteryLevelIsLow'; readonly batteryLow: boolean }
  | {
      readonly type: 'remoteNetworkStatus';
      readonly isLowCost: boolean;
      readonly isLowDataRequested: boolean;
    }
  /**
   * Asks for a sign of life on the path that carries it, or gives one. A message of this package: ends
   * that speak Telegram's versions must not be sent one. `path` and `id` (16 bits) come back in the
   * reply as they were asked; `received` (32 bits) counts the valid packets that the replying end has
   * had on that path; `silent`: nothing valid has come to this end lately, on any path.
   */
  | {
      readonly type: 'pathProbe';
      readonly reply: boolean;
      readonly silent: boolean;
      readonly path: number;
      readonly id: number;
      readonly received: number;
    }
  /** The only message of the modes `raw` and `plain`. */
  | { readonly type: 'raw'; readonly data: Uint8Array };

/** Messages of the packet layer itself: a first place for resent messages, and an acknowledgement. */
export type ServiceMessage = { readonly type: 'empty' } | { readonly type: 'ack' };

/** How messages stand in a packet; `plain` is a counter and bytes, without acknowledgements. */
export type PacketMode = 'typed' | 'raw' | 'plain';

const UNACKNOWLEDGED: readonly string[] = ['audioData', 'videoData', 'raw', 'pathProbe'];

/** True for types that are repeated until they are acknowledged; `raw` depends on the channel. */
export function wantsAck(type: CallMessage['type']): boolean {
  return !UNACKNOWLEDGED.includes(type);
}
