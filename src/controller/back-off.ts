/** How long to wait before a key is tried again, growing with its failures in a row. */
export interface BackOff {
  /** Counts one more failure. */
  nextMs(key: string): number;
  /** The key's next failure is its first again. */
  forget(key: string): void;
}

export interface BackOffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** A night is short: five minutes lost to one key are the most that it can bear. */
const LIMITS: BackOffLimits = { firstMs: 5, longestMs: 300_000 };

/** Doubles from failure to failure. */
export function createBackOff({ firstMs, longestMs }: BackOffLimits = LIMITS): BackOff {
  const delays = new Map<string, number>();
  return {
    nextMs(key) {
      const last = delays.get(key);
      const delayMs = Math.min(last === undefined ? firstMs : last * 2, longestMs);
      delays.set(key, delayMs);
      return delayMs;
    },
    forget(key) {
      delays.delete(key);
    },
  };
}
