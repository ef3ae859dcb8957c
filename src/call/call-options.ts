import { checkFunction, checkInteger, checkMethods, checkOptions } from '../core/checks.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { WasmSource } from '../core/load.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import type { ChannelCount, SampleRate } from '../opus/index.ts';
import type { DatagramTransport, Endpoint, PathContext } from '../transport/types.ts';
import { MAX_ENDPOINTS, parseEndpoint } from './endpoints.ts';
import { badArgument } from './errors.ts';
import type { CallRole } from './packet-options.ts';
import type { QualityController, QualityDecision } from './quality.ts';
import { qualityRule } from './quality-rule.ts';
import { TICKS_PER_MS } from './rtp.ts';
import type { Signalling } from './signalling.ts';
import type { VoiceCodec, VoiceEncoderOptions } from './voice-types.ts';

/** How long a call waits for what, in ms (calls, section 5). */
export type CallTimeouts = {
  /** For the other side to ring, and for the end of the exchange. Default 20000. */
  receive: number;
  /** For somebody to answer. Default 90000. */
  ring: number;
  /** For the first packet once the key is agreed. Default 30000. */
  connect: number;
  /** Without a valid packet in an active call. Default 10000. */
  packet: number;
};

/** Opens a path to the peer. What it throws, or rejects with, means that there is none at the moment. */
export type PathConnector = (
  endpoint: Endpoint,
  role: CallRole,
  context: PathContext,
) => DatagramTransport | Promise<DatagramTransport>;

/** What `Call.outgoing` and `Call.incoming` take. */
export type CallOptions = {
  /** Carries the messages of this call. `call.close()` closes it. */
  readonly signalling: Signalling;
  /**
   * Opens a path that was agreed on, and again after it died. The call closes it. For a relay, wrap
   * the path in a `RelayTransport`; `connectUdp` of `sottovoce/transport/udp` does all of it.
   */
  readonly connect: PathConnector;
  /**
   * Where packets can go: relays, addresses at which this end can be reached, paths to negotiate. All
   * that both ends have are opened side by side. A caller has to give one or more; a callee without
   * any takes the relays that it is offered, and has to give one or more itself with `p2p: false`.
   * Addresses are told to the peer only, sealed.
   */
  readonly endpoints?: readonly Endpoint[];
  /**
   * False: the peer never learns an address of this end. Endpoints that would show one are neither
   * offered nor accepted nor used, and no relay but those in `endpoints`, for the peer could name a
   * machine of its own; the relay still sees it. Default true.
   */
  readonly p2p?: boolean;
  /** Times the call. Default: the system's. */
  readonly clock?: Clock;
  /** Where secrets come from. Default: the runtime's secure generator. */
  readonly random?: RandomSource;
  /** For `OpusEncoder.create`. Default: what that has, and 20 ms frames. */
  readonly encoder?: VoiceEncoderOptions;
  /**
   * Adapts bitrate, duration and redundancy of what is sent to how it arrives; for one call only. Default:
   * `qualityRule` up to `encoder.bitrate` (32 kbit/s if that is no number), for packets of
   * `encoder.frameMs` and longer. Null keeps to `encoder`.
   */
  readonly quality?: QualityController | null;
  /** How long packets wait to be played, at least. Default 0: as long as the path demands. */
  readonly playoutDelayMs?: number;
  /**
   * Keep to `playoutDelayMs`, counted from the first packet, whatever the path does: for media that
   * runs faster than real time, and is read in bursts. Default false.
   */
  readonly fixedPlayout?: boolean;
  /** Rate of the PCM in Hz. Default 48000. */
  readonly sampleRate?: SampleRate;
  /** Channels of the PCM, interleaved. Default 1. */
  readonly channels?: ChannelCount;
  /** The group of the key exchange. Default: Telegram's 2048-bit prime and 3. */
  readonly dh?: { readonly prime: Uint8Array; readonly g: number };
  /** How long to wait for what; see there for the defaults. */
  readonly timeouts?: Partial<CallTimeouts>;
  /** Default: Opus. */
  readonly codec?: VoiceCodec;
  /** Bytes of `sottovoce/wasm/call.wasm`, or the compiled module. Default: the inlined one. */
  readonly wasm?: WasmSource;
};

/** The same with the defaults in. */
export type ResolvedOptions = Required<
  Pick<CallOptions, 'signalling' | 'connect' | 'clock' | 'random' | 'encoder' | 'p2p'>
> & {
  readonly endpoints: readonly Endpoint[] | undefined;
  readonly dh: CallOptions['dh'];
  readonly codec: VoiceCodec | undefined;
  readonly wasm: WasmSource | undefined;
  readonly timeouts: CallTimeouts;
  readonly format: { readonly sampleRate: SampleRate; readonly channels: ChannelCount };
  /** Ticks of the RTP clock: one frame, and the least playout delay. */
  readonly frame: number;
  readonly minDelay: number;
  readonly fixedPlayout: boolean;
  readonly quality: QualityController | null;
  /** What the encoder does until the controller decides. */
  readonly sending: QualityDecision;
};

const NAMES = [
  'signalling',
  'connect',
  'endpoints',
  'p2p',
  'clock',
  'random',
  'encoder',
  'playoutDelayMs',
  'quality',
  'fixedPlayout',
  'sampleRate',
  'channels',
  'dh',
  'timeouts',
  'codec',
  'wasm',
];
const CODEC_METHODS = ['createEncoder', 'createDecoder', 'packetDuration', 'hasFec'];
const SAMPLE_RATES: readonly unknown[] = [8000, 12000, 16000, 24000, 48000];
const DEFAULT_TIMEOUTS: CallTimeouts = {
  receive: 20_000,
  ring: 90_000,
  connect: 30_000,
  packet: 10_000,
};

/** Bit/s of voice where the encoder's option names none: more is not heard in speech. */
const DEFAULT_BITRATE = 32_000;

/** The rule in the limits that the encoder's options set; none for durations that it does not know. */
function defaultRule({
  bitrate,
  frameMs = 20,
  dtx,
}: VoiceEncoderOptions): QualityController | null {
  if (frameMs !== 20 && frameMs !== 40 && frameMs !== 60) return null;
  const maxBitrate = typeof bitrate === 'number' ? bitrate : DEFAULT_BITRATE;
  if (!(maxBitrate >= 6000 && maxBitrate <= 510_000)) return null; // for the encoder to refuse
  const minBitrate = Math.min(8000, maxBitrate);
  return qualityRule({ minBitrate, maxBitrate, minFrameMs: frameMs, dtx: dtx === true });
}

function checkEndpoints(endpoints: readonly Endpoint[]): Endpoint[] {
  if (!Array.isArray(endpoints) || endpoints.length > MAX_ENDPOINTS) {
    throw badArgument(`"endpoints" expected an array of at most ${MAX_ENDPOINTS}`);
  }
  return endpoints.map((value, i) => {
    const endpoint = parseEndpoint(value);
    if (!endpoint) {
      throw badArgument(`"endpoints[${i}]" expected kind, host, port, and a peerTag of 16 bytes`);
    }
    return endpoint;
  });
}

/** Checks options and puts the defaults in. @throws {CallError} `bad-argument` */
export function resolveOptions(options: CallOptions): ResolvedOptions {
  checkOptions(options, NAMES, badArgument);
  const { signalling, connect, encoder = {}, playoutDelayMs = 0, endpoints, dh } = options;
  const { clock = systemClock(), random = systemRandom, codec, wasm } = options;
  const { sampleRate = 48_000, channels = 1, p2p = true } = options;
  checkMethods('signalling', signalling, ['send', 'onMessage', 'close'], badArgument);
  checkFunction('connect', connect, badArgument);
  checkMethods('clock', clock, ['now', 'setTimer'], badArgument);
  checkFunction('random', random, badArgument);
  if (typeof p2p !== 'boolean') throw badArgument('"p2p" expected a boolean');
  if (codec !== undefined) {
    checkMethods('codec', codec, CODEC_METHODS, badArgument);
  }
  if (options.quality !== undefined && options.quality !== null) {
    checkMethods('quality', options.quality, ['update'], badArgument);
  }
  if (typeof encoder !== 'object' || encoder === null) {
    throw badArgument('"encoder" expected an object with options');
  }
  if (dh !== undefined) checkOptions(dh, ['prime', 'g'], badArgument);
  if (!SAMPLE_RATES.includes(sampleRate)) {
    throw badArgument(`"sampleRate" expected ${SAMPLE_RATES.join(', ')}`);
  }
  checkInteger('channels', channels, 1, 2, badArgument);
  checkInteger('playoutDelayMs', playoutDelayMs, 0, 5000, badArgument);
  checkOptions(options.timeouts ?? {}, Object.keys(DEFAULT_TIMEOUTS), badArgument);
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  for (const [name, value] of Object.entries(timeouts)) {
    checkInteger(`timeouts.${name}`, value, 1, 0x7fffffff, badArgument);
  }
  return {
    signalling,
    connect,
    encoder,
    endpoints: endpoints === undefined ? undefined : checkEndpoints(endpoints),
    p2p,
    clock,
    random,
    dh,
    codec,
    wasm,
    timeouts,
    format: { sampleRate, channels },
    frame: (encoder.frameMs ?? 20) * TICKS_PER_MS,
    minDelay: playoutDelayMs * TICKS_PER_MS,
    fixedPlayout: options.fixedPlayout === true,
    quality: options.quality === undefined ? defaultRule(encoder) : options.quality,
    sending: {
      bitrate: typeof encoder.bitrate === 'number' ? encoder.bitrate : DEFAULT_BITRATE,
      frameMs: encoder.frameMs ?? 20,
      redundancy: 0,
      fec: encoder.fec ?? false,
      expectedLossPercent: encoder.expectedLossPercent ?? 0,
      dtx: encoder.dtx ?? false,
    },
  };
}
