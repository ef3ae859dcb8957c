/** From the parsed symbols of a frame to gains, predictors and lags (RFC 6716, sections 4.2.7.4 to 4.2.7.6). */
import { CONDITIONAL } from "./frame-parser";
import { dequantizeGains } from "./gains";
import { expandBandwidth16, nlsfToLpc } from "./lpc";
import { interpolateNlsf, reconstructNlsf } from "./nlsf";
import { LPC, LPC_BYTES, NLSF, PARAMETERS } from "./parameters";
import { clearPitch, dequantizePitch } from "./pitch";
import { Channel, VOICED, previousNlsfOf } from "./state";

/** Both predictors are narrowed by this after a loss, Q16. */
// @ts-ignore: decorator
@inline const CHIRP_AFTER_LOSS: i32 = 63570;

/** Line spectra of the first half. */
const BETWEEN = memory.data(32, 16);

export function dequantize(channel: Channel, coding: i32): void {
  const order = channel.order;
  dequantizeGains(channel, coding != CONDITIONAL);
  reconstructNlsf(NLSF, order);
  nlsfToLpc(LPC + LPC_BYTES, NLSF, order);
  if (channel.first != 0) PARAMETERS.interpolation = 4;
  if (PARAMETERS.interpolation < 4) {
    interpolateNlsf(BETWEEN, previousNlsfOf(channel), NLSF, PARAMETERS.interpolation, order);
    nlsfToLpc(LPC, BETWEEN, order);
  } else {
    memory.copy(LPC, LPC + LPC_BYTES, LPC_BYTES);
  }
  memory.copy(previousNlsfOf(channel), NLSF, LPC_BYTES);
  if (channel.lossCount > 0) {
    expandBandwidth16(LPC, order, CHIRP_AFTER_LOSS);
    expandBandwidth16(LPC + LPC_BYTES, order, CHIRP_AFTER_LOSS);
  }
  if (PARAMETERS.signalType == VOICED) dequantizePitch(channel);
  else clearPitch();
}
