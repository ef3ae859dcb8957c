import { checkInteger, describe } from '../core/checks.ts';
import { badArgument } from './errors.ts';

/** Which streams carry which channels. The names are those of the OpusHead header (RFC 7845 section 5.1). */
export type MultistreamLayout = {
  /** Channels of the PCM, 1 to 255. */
  readonly channels: number;
  /** Streams in a packet. Default: as usual for the channels, of which there are then 1 to 8. */
  readonly streamCount?: number;
  /** The first so many streams are stereo. Given with `streamCount`. */
  readonly coupledCount?: number;
  /** For each channel the number of a coded channel, 255 for silence. Given with `streamCount`. */
  readonly mapping?: readonly number[] | Uint8Array;
};

/** All of it, checked. @internal */
export type Layout = { streamCount: number; coupledCount: number; mapping: ArrayLike<number> };

/**
 * The usual layouts of families 0 and 1: fewest streams for 1 to 8 channels in the order of RFC 7845
 * section 5.1.1.2 (left, centre, right, ...).
 */
const USUAL: readonly (readonly [streamCount: number, coupledCount: number, mapping: string])[] = [
  [1, 0, '0'],
  [1, 1, '01'],
  [2, 1, '021'],
  [2, 2, '0123'],
  [3, 2, '04123'],
  [4, 2, '041235'],
  [4, 3, '0412356'],
  [5, 3, '06123457'],
];

/** The layout that options ask for. @internal */
export function layoutOf(options: MultistreamLayout): Layout {
  const { channels, streamCount, coupledCount, mapping } = options;
  checkInteger('channels', channels, 1, 255, badArgument);
  if (streamCount === undefined && coupledCount === undefined && mapping === undefined) {
    const usual = USUAL[channels - 1];
    if (!usual) throw badArgument(`"streamCount" expected for ${channels} channels`);
    return { streamCount: usual[0], coupledCount: usual[1], mapping: [...usual[2]].map(Number) };
  }
  checkInteger('streamCount', streamCount, 1, 255, badArgument);
  const streams = streamCount as number;
  checkInteger('coupledCount', coupledCount, 0, Math.min(streams, 255 - streams), badArgument);
  const decoded = streams + (coupledCount as number);
  if (!(Array.isArray(mapping) || mapping instanceof Uint8Array) || mapping.length !== channels) {
    throw badArgument(`"mapping" expected ${channels} numbers, got ${describe(mapping)}`);
  }
  for (const source of mapping) {
    if (source === 255) continue;
    checkInteger('mapping', source, 0, decoded - 1, badArgument);
  }
  return { streamCount: streams, coupledCount: coupledCount as number, mapping };
}
