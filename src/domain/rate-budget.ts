/** The bucket of one endpoint as Cafe24 documents it. */
export interface Bucket {
  readonly endpoint: string;
  /** Calls the bucket holds. */
  readonly size: number;
  /** Calls that leak out a second. */
  readonly leakPerSecond: number;
}

/** What Cafe24 documents of every endpoint that is read here. */
export const LIST_BUCKET = { size: 40, leakPerSecond: 2 } as const;

/** In any second at most burst + perSecond = 8 calls, and in the long run what three endpoints may have: 2 each. */
export const MALL_CEILING = { burst: 2, perSecond: 6 } as const;

/** What an answer's headers said. */
export interface UsageReport {
  /** X-Api-Call-Limit. */
  readonly used?: number;
  readonly size?: number;
  /** X-Cafe24-Call-Usage and -Time-Usage, percent. */
  readonly callUsagePercent?: number;
  readonly timeUsagePercent?: number;
  /** Milliseconds since the call was sent; the better it is known, the sooner another client's calls are seen. */
  readonly ageMs?: number;
}

export interface Permits {
  /** Calls that may be made now; 0 means wait. */
  readonly granted: number;
  /** Milliseconds until asking again makes sense; 0 when granted, or until more is free where less than wanted was. */
  readonly waitMs: number;
  /** A quota block of the whole mall, not the bucket, is what holds. */
  readonly isQuota: boolean;
}

/**
 * The calls of a mall, shared by all processes through the database and judged by its clock. Holds both the endpoint's
 * bucket and the whole mall's ceiling of 8 calls a second; a back-fill is granted nothing while a nightly run or a
 * re-run of its mall is live.
 */
export interface RateBudget {
  /** Takes up to `wanted` permits at once, so that the row is not touched for each call. */
  takePermits(mallId: number, bucket: Bucket, wanted: number, isBackfill: boolean): Promise<Permits>;
  /** Corrects the level when the API says more is used than we know of (another client), and keeps the usage. */
  reportUsage(mallId: number, bucket: Bucket, report: UsageReport): Promise<void>;
  /** No call to `endpoint` ('*': to the whole mall) for `blockMs`; an existing longer block stands. */
  block(mallId: number, endpoint: string, blockMs: number): Promise<void>;
}
