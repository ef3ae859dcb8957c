import { tell } from "../range-decoder";
import { encodeIcdf } from "../range-encoder";
import { SPREAD_ICDF } from "../tables/celt-bands";
import { writeBoosts, writeTrim } from "./boosts-writer";
import { CeltEncoder } from "./encoder-state";
import { Frame } from "./frame";
import { preFilterOn } from "./pre-filter";
import { chooseResolution, fixResolution, writeResolution } from "./resolution-writer";
import { chooseSpread } from "./spread-choice";
import { chooseIntensity, chooseTrim, prefersDual } from "./stereo-choice";
import { timeChannel, timeEstimate } from "./transient";

/**
 * Chooses and writes what shapes are coded by: resolution, spreading, boosts, stereo and trim (RFC 6716, sections 4.3.1,
 * 4.3.3 and 4.3.4.3). `poor`: a hybrid frame of few bits without a voice; `weakened`: one whose attack was too weak for
 * short blocks.
 */
export function writeShapeChoices(state: CeltEncoder, frame: Frame, poor: bool, weakened: bool): void {
  const complexity = state.complexity;
  const channels = frame.channels;
  const hybrid = frame.start > 0;
  if (complexity >= 2 && !hybrid && frame.bytes >= 15 * channels) {
    chooseResolution(frame, channels == 2 ? timeChannel : 0, timeEstimate, frame.bytes);
  } else if (weakened) {
    fixResolution(frame, 1, 0);
  } else if (poor) {
    fixResolution(frame, 0, frame.transient);
  } else {
    fixResolution(frame, frame.transient, 0);
  }
  writeResolution(frame);

  frame.spread = 2;
  if (tell(frame.reader) + 4 <= frame.totalBits) {
    if (complexity == 0) {
      frame.spread = 0;
    } else if (hybrid) {
      frame.spread = frame.transient ? 2 : 3;
    } else if (!frame.transient && complexity >= 3 && frame.bytes >= 10 * channels) {
      frame.spread = chooseSpread(state, frame, preFilterOn(frame));
    }
    state.spread = frame.spread;
    encodeIcdf(frame.writer, frame.spread, SPREAD_ICDF, 5);
  }
  writeBoosts(frame);

  frame.dualStereo = 0;
  frame.intensity = frame.end;
  if (channels == 2) {
    frame.dualStereo = i32(frame.lm > 0 && prefersDual(frame));
    frame.intensity = chooseIntensity(state, frame, frame.equivalent);
  }
  if (hybrid) {
    frame.trim = 5;
    state.stereoSaving = 0;
  } else {
    frame.trim = chooseTrim(state, frame, frame.equivalent, timeEstimate);
  }
  writeTrim(frame);
}
