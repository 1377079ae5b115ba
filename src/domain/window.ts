import type { TimeRange } from './period.ts';

/** The slice of the API that one list query can reach: a time range of one shop, judged by one date of the row. */
export interface WindowBounds extends TimeRange {
  readonly shopNo: number;
  /** The API's word for the date the range filters on: `join`, `order_date`, `pay_date`, `collection_date`, … */
  readonly dateType: string;
}

/**
 * UNSPLIT: bounds known, size unknown. OPEN: counted and being read. The last three are settled.
 * UNSPLIT → OPEN, or replaced by smaller UNSPLIT windows; OPEN → COMPLETE | COMPLETE_WITH_REJECTS | INCOMPLETE.
 * A new execution of the same reading turns INCOMPLETE back into UNSPLIT.
 */
export const WINDOW_STATES = ['UNSPLIT', 'OPEN', 'COMPLETE', 'COMPLETE_WITH_REJECTS', 'INCOMPLETE'] as const;
export type WindowState = (typeof WINDOW_STATES)[number];

export interface SyncWindow extends WindowBounds {
  /** Number within (instance, reading); given by the ledger. */
  readonly n: number;
  readonly state: WindowState;
  /** The API offset of the next page to commit. */
  readonly nextOffset: number;
  /** The API's count when this pass over the window began; null where the API has none. */
  readonly countBefore: number | null;
  /** How often the window was begun anew because counts disagreed; 0 on the first pass. */
  readonly rereads: number;
  readonly rowsSeen: number;
  readonly rejected: number;
  /** Sum modulo 2^64 of the content hashes of this pass. */
  readonly checksum: bigint;
}
