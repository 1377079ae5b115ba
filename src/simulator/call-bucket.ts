interface BucketState {
  /** Rounded up, as the header shows it. */
  readonly used: number;
  readonly size: number;
  readonly isOverflowing: boolean;
}

export interface CallBucket {
  /** Pours one call in, unless it would flow over. */
  take(nowMs: number): BucketState;
}

const LEAK_PER_SECOND = 2;
/** Sums of fractions of a second are not exact. */
const ROUNDING = 1e-6;

export function createCallBucket(size: number): CallBucket {
  let level = 0;
  let updatedAtMs = 0;
  return {
    take(nowMs) {
      level = Math.max(0, level - (Math.max(0, nowMs - updatedAtMs) / 1000) * LEAK_PER_SECOND);
      updatedAtMs = nowMs;
      const isOverflowing = level + 1 > size + ROUNDING;
      if (!isOverflowing) level++;
      return { used: Math.min(size, Math.ceil(level - ROUNDING)), size, isOverflowing };
    },
  };
}

/** Calls that a bucket of the size lets through in the given time. */
export function toPermittedCalls(size: number, seconds: number): number {
  return size + LEAK_PER_SECOND * seconds;
}
