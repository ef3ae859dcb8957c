// Stands in for the declarations of mediabunny, whose DOM types clash with those of workers. What is
// used of it is declared in src/files/mediabunny.ts.
export declare const EncodedAudioPacketSource: unknown;
export declare const EncodedPacket: unknown;
export declare const NullTarget: unknown;
export declare const OggOutputFormat: unknown;
export declare const Output: unknown;
