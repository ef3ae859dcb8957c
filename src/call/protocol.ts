import { isCount, isObject, isText } from './fields.ts';

/** Versions and paths that an end can use; the names are those of Telegram's phoneCallProtocol. */
export type CallProtocol = {
  /** Lowest layer that is spoken, 0..65535. */
  readonly minLayer: number;
  /** Highest layer that is spoken, 0..65535. */
  readonly maxLayer: number;
  /** A direct path is permitted. */
  readonly udpP2p: boolean;
  /** A relay is permitted. */
  readonly udpReflector: boolean;
  /** Preferred first. In `confirm` the first one is the choice. */
  readonly libraryVersions: readonly string[];
};

const MAX_VERSIONS = 32;

/** Checks and copies a protocol; null when it is none. */
export function parseProtocol(value: unknown): CallProtocol | null {
  if (!isObject(value)) return null;
  const { minLayer, maxLayer, udpP2p, udpReflector, libraryVersions } = value;
  if (!isCount(minLayer, 0xffff) || !isCount(maxLayer, 0xffff)) return null;
  if (typeof udpP2p !== 'boolean' || typeof udpReflector !== 'boolean') return null;
  if (!Array.isArray(libraryVersions) || libraryVersions.length > MAX_VERSIONS) return null;
  if (!libraryVersions.every(isText)) return null;
  return { minLayer, maxLayer, udpP2p, udpReflector, libraryVersions: [...libraryVersions] };
}
