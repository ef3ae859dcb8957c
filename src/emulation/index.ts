export type { QueueConditions } from './bottleneck.ts';
export { type CapacityTrace, parseCapacityTrace } from './capacity.ts';
export { type CodecModel, type CodecModelOptions, codecModel } from './codec-model.ts';
export {
  burstLoss,
  type GilbertElliott,
  type Jitter,
  type LinkConditions,
  type Outage,
} from './conditions.ts';
export { EmulationError, type EmulationErrorCode } from './errors.ts';
export type { LinkStats } from './link.ts';
export { NETWORK_NAMES, type NamedNetwork, type NetworkName, namedNetwork } from './networks.ts';
export { type EmulatedPath, type EmulatedPathOptions, emulatedPath } from './path.ts';
export { VirtualClock } from './virtual-clock.ts';
