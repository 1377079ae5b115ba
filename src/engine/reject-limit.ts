/** Both bounds must be passed before a window fails: a few bad rows in a small window are not a broken contract. */
export interface RejectLimit {
  readonly rows: number;
  /** Share of the rows read in the window, 0 to 1. */
  readonly share: number;
}

export const DEFAULT_REJECT_LIMIT: RejectLimit = { rows: 100, share: 0.05 };

export function isOverRejectLimit(limit: RejectLimit, rejected: number, rowsSeen: number): boolean {
  return rejected > limit.rows && rejected > limit.share * rowsSeen;
}
