/// <reference types="node" />
import process from 'node:process';
import { readOgg } from '../files/ogg-reader.ts';
import type { OpusHead, OpusTags } from '../files/opus-header.ts';
import type { PacketInfo } from '../opus/packet.ts';
import { sharedOpus } from '../opus/shared-core.ts';
import { read } from './arguments.ts';
import { inputError } from './convert.ts';
import { openInput } from './input.ts';
import { clock } from './progress.ts';

/** How often each value came. */
type Counts = Record<string, number>;

/** What `--json` tells of a stream. */
type StreamReport = {
  serial: number;
  channels: number;
  preSkip: number;
  inputSampleRate: number;
  gain: number;
  mappingFamily: number;
  vendor: string;
  tags: { name: string; value: string }[];
  /** Seconds. */
  duration: number;
  /** At 48 kHz. */
  samples: number;
  packets: number;
  /** Bytes of all packets. */
  bytes: number;
  /** Bit/s, without the container. */
  bitrate: number;
  packetBytes: { min: number; max: number };
  modes: Counts;
  bandwidths: Counts;
  /** Packets by duration in ms. */
  packetMs: Counts;
  /** Packets by coded channels. */
  codedChannels: Counts;
  /** Packets with redundancy for the one before. */
  fec: number;
  /** Packets of which a frame was left out. */
  dtx: number;
  /** Whether the last page was there. */
  complete: boolean;
};

function begin(serial: number, head: OpusHead, tags: OpusTags): StreamReport {
  const { channels, preSkip, inputSampleRate, gain, mappingFamily } = head;
  const header = { serial, channels, preSkip, inputSampleRate, gain, mappingFamily };
  return {
    ...header,
    vendor: tags.vendor,
    tags: tags.comments.map(([name, value]) => ({ name, value })),
    duration: 0,
    samples: 0,
    packets: 0,
    bytes: 0,
    bitrate: 0,
    packetBytes: { min: 0, max: 0 },
    modes: {},
    bandwidths: {},
    packetMs: {},
    codedChannels: {},
    fec: 0,
    dtx: 0,
    complete: false,
  };
}

const count = (counts: Counts, key: string | number): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

function add(report: StreamReport, info: PacketInfo, size: number, play: number): void {
  const { packetBytes } = report;
  packetBytes.min = report.packets === 0 ? size : Math.min(packetBytes.min, size);
  packetBytes.max = Math.max(packetBytes.max, size);
  report.packets++;
  report.bytes += size;
  report.samples += play;
  report.duration = report.samples / 48_000;
  report.bitrate = report.duration > 0 ? Math.round((8 * report.bytes) / report.duration) : 0;
  count(report.modes, info.mode);
  count(report.bandwidths, info.bandwidth);
  count(report.packetMs, info.durationMs);
  count(report.codedChannels, info.channels);
  if (info.fec) report.fec++;
  if (info.frameSizes.some((bytes) => bytes < 2)) report.dtx++;
}

/** sottovoce info FILE.opus */
export async function info(args: readonly string[]): Promise<void> {
  const { values, operands } = read('info', args, ['FILE.opus'], { json: { type: 'boolean' } });
  const input = await openInput(operands[0]!);
  const streams: StreamReport[] = [];
  let framing = {};
  let fault: unknown;
  try {
    for await (const event of readOgg(input.bytes)) {
      const stream = streams.at(-1)!;
      if (event.kind === 'stream') {
        framing = event.head.streams > 1 ? { selfDelimited: true } : {};
        streams.push(begin(event.serial, event.head, event.tags));
      } else if (event.kind === 'packet') {
        const { packet, play } = event;
        add(stream, sharedOpus().inspectPacket(packet, framing), packet.length, play);
      } else stream.complete = true;
    }
  } catch (error) {
    fault = inputError(input, error);
  }
  // What could be read is told all the same.
  if (streams.length > 0) {
    const duration = streams.reduce((sum, stream) => sum + stream.duration, 0);
    const report = { file: input.name, duration, streams };
    process.stdout.on('error', () => {});
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : inWords(report));
  }
  if (fault) throw fault;
}

function inWords(report: { file: string; duration: number; streams: StreamReport[] }): string {
  const lines = [`${printable(report.file)}: ${time(report.duration)}`];
  report.streams.forEach((stream, i) => {
    const { samples, packets, bytes, packetBytes: size } = stream;
    const rate = stream.inputSampleRate > 0 ? `, encoded from ${stream.inputSampleRate} Hz` : '';
    lines.push(
      `stream ${i + 1}   serial ${stream.serial.toString(16).padStart(8, '0')}, ` +
        `${stream.channels} channel${stream.channels === 1 ? '' : 's'}${rate}`,
      `duration   ${time(stream.duration)}, ${samples} samples at 48 kHz, pre-skip ${stream.preSkip}` +
        `${stream.complete ? '' : ', not complete'}`,
      `gain       ${stream.gain} dB`,
      `bitrate    ${(stream.bitrate / 1000).toFixed(1)} kbit/s`,
      `packets    ${packets}, ${size.min} to ${size.max} bytes, ${bytes} in all`,
      `lengths    ${shares(stream.packetMs, packets, ' ms')}`,
      `modes      ${shares(stream.modes, packets)}`,
      `bandwidths ${shares(stream.bandwidths, packets)}`,
      `channels   ${shares(stream.codedChannels, packets)}`,
      `fec, dtx   ${stream.fec}, ${stream.dtx} packets`,
      `vendor     ${printable(stream.vendor)}`,
      ...stream.tags.map(({ name, value }) => `tag        ${printable(`${name}=${value}`)}`),
    );
  });
  return `${lines.join('\n')}\n`;
}

const time = (seconds: number): string =>
  `${clock(seconds)}.${String(Math.floor((seconds % 1) * 1000)).padStart(3, '0')}`;

const shares = (counts: Counts, total: number, unit = ''): string =>
  Object.entries(counts)
    .map(([key, n]) => `${key}${unit} ${((100 * n) / total).toFixed(n === total ? 0 : 1)} %`)
    .join(', ');

/** Control characters of a file must not reach the terminal; long values (pictures) are cut. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  return clean.length > 200 ? `${clean.slice(0, 200)}... (${text.length} characters)` : clean;
}
