export { CallError, type CallErrorCode } from './errors.ts';
export { type Clock, ClockError, systemClock } from '../core/clock.ts';
