export interface SimulatorClock {
  /** Epoch milliseconds of the simulated world. */
  nowMs(): number;
  shift(ms: number): void;
}

export function createSimulatorClock(now: () => number): SimulatorClock {
  let shiftMs = 0;
  return {
    nowMs: () => now() + shiftMs,
    shift(ms) {
      shiftMs += ms;
    },
  };
}
