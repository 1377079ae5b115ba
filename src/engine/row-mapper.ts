import type { RejectedRow } from '../domain/row-error.ts';
import type { WindowBounds } from '../domain/window.ts';

/** A valid row: what the writer takes, and what completeness needs to know of it. */
export interface MappedRow<Payload> {
  readonly key: string;
  readonly payload: Payload;
  /** Equal for equal content; part of the window's checksum. */
  readonly contentHash: bigint;
}

export type MapOutcome<Payload> =
  | { readonly kind: 'row'; readonly row: MappedRow<Payload> }
  | { readonly kind: 'rejected'; readonly rejected: RejectedRow; readonly contentHash: bigint }
  /** Dropped on purpose (an erased person, a row outside the window); still counts as seen where it has a key. */
  | { readonly kind: 'filtered'; readonly key: string };

export interface RowMapper<Payload> {
  /**
   * Never throws: a row that cannot be mapped is a rejected row. With a window, rows outside it are filtered; null for
   * rows that were asked for by key.
   */
  map(raw: unknown, window: WindowBounds | null): MapOutcome<Payload>;
  /** 64-bit hash of a key, stable over releases: stored hashes outlive a process. */
  hashKey(key: string): bigint;
  /** The masked form of a raw row for the error log. */
  mask(raw: unknown): unknown;
}
