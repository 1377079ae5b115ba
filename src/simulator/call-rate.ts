/** Counts calls of the last second by caller. */
export interface CallRate {
  /** Calls of this caller within the second that ends now, this one included. */
  add(caller: string, nowMs: number): number;
  readonly highest: number;
}

export function createCallRate(): CallRate {
  const recent = new Map<string, number[]>();
  let highest = 0;
  return {
    add(caller, nowMs) {
      const times = recent.get(caller) ?? [];
      recent.set(caller, times);
      while (times.length > 0 && (times[0] ?? 0) <= nowMs - 1000) times.shift();
      times.push(nowMs);
      highest = Math.max(highest, times.length);
      return times.length;
    },
    get highest() {
      return highest;
    },
  };
}
