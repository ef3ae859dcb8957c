/** How hybrid frames divide their rate: SILK up to 8 kHz, CELT above. */

/** Rate per channel; SILK's share of it, then its share when it carries redundancy (LBRR). */
const SHARES = memory.data<i32>(
  [
    0, 0, 0, 12000, 10000, 11000, 16000, 13500, 15000, 20000, 16000, 18000, 24000, 18000, 21000, 32000, 22000, 28000,
    64000, 38000, 50000,
  ],
  16,
);
// @ts-ignore: decorator
@inline const ROWS: i32 = 7;
// @ts-ignore: decorator
@inline const ROW: usize = 12;

/** SILK's bit/s out of `rate`. `bandwidth`: 3 or 4; `constant`: rate control. */
export function silkShare(rate: i32, channels: i32, bandwidth: i32, constant: bool, fec: bool): i32 {
  const each = rate / channels;
  const column: usize = fec ? 8 : 4;
  let i = 1;
  while (i < ROWS && load<i32>(SHARES + <usize>i * ROW) <= each) i++;
  const low = SHARES + <usize>(i - 1) * ROW;
  let share = load<i32>(low + column);
  if (i == ROWS) {
    share += (each - load<i32>(low)) / 2;
  } else {
    const from = load<i32>(low);
    share += <i32>((<i64>(each - from) * (load<i32>(low + ROW + column) - share)) / (load<i32>(low + ROW) - from));
  }
  if (constant) share += 100;
  // Less is above 8 kHz.
  if (bandwidth == 3) share += 300;
  share *= channels;
  if (channels == 2 && each >= 12000) share -= 1000;
  return share;
}
