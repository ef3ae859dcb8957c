// What of mediabunny goes into a bundle: named, so that the rest of it does not.
export {
  EncodedAudioPacketSource,
  EncodedPacket,
  NullTarget,
  OggOutputFormat,
  Output,
} from 'mediabunny';
