/** A token bucket over launches: `perSecond` on average, `burst` at once. All times are of a clock that never runs backwards. */
export interface LaunchPace {
  /** How many of `wanted` may go now; they are taken. */
  take(wanted: number, nowMs: number): number;
  /** Until the next one may go. */
  waitMs(nowMs: number): number;
}

/** `perSecond` 0 means no pacing. */
export function createLaunchPace(perSecond: number, burst: number): LaunchPace {
  if (perSecond === 0) return { take: (wanted) => wanted, waitMs: () => 0 };
  let tokens = burst;
  let filledAtMs: number | null = null;
  const fill = (nowMs: number): void => {
    if (filledAtMs !== null) tokens = Math.min(burst, tokens + ((nowMs - filledAtMs) / 1_000) * perSecond);
    filledAtMs = nowMs;
  };
  return {
    take(wanted, nowMs) {
      fill(nowMs);
      const taken = Math.min(wanted, Math.floor(tokens));
      tokens -= taken;
      return taken;
    },
    waitMs(nowMs) {
      fill(nowMs);
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1_000);
    },
  };
}
