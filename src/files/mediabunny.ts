// The part of mediabunny that is used, in types of our own, so that the public declarations do not
// depend on that package and on its DOM types.

export type Packet = object;

export type PacketSource = {
  add(
    packet: Packet,
    meta?: {
      decoderConfig: {
        codec: 'opus';
        numberOfChannels: number;
        sampleRate: number;
        description: Uint8Array;
      };
    },
  ): Promise<void>;
};

export type Output = {
  addAudioTrack(source: PacketSource): unknown;
  setMetadataTags(tags: { raw: Record<string, string> }): void;
  start(): Promise<void>;
  finalize(): Promise<void>;
};

/** What src/files/mediabunny-module.ts gives. */
export type Mediabunny = {
  Output: new (options: { format: object; target: object }) => Output;
  NullTarget: new () => object;
  OggOutputFormat: new (options: {
    maximumPageDuration: number;
    onPage(data: Uint8Array): void;
  }) => object;
  EncodedAudioPacketSource: new (codec: 'opus') => PacketSource;
  EncodedPacket: new (data: Uint8Array, type: 'key', timestamp: number, duration: number) => Packet;
};

/** Loads the container library: only who writes files pays for it. @internal */
export async function loadMediabunny(): Promise<Mediabunny> {
  return (await import('./mediabunny-module.ts')) as unknown as Mediabunny;
}
