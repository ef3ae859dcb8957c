import { Channel, signalOf } from "./state";
export function comfortNoise(channel: Channel, out: usize): void {}
