import type { RejectedRow } from '../domain/row-error.ts';
import type { WindowBounds } from '../domain/window.ts';
import type { MappedRow, RowMapper } from './row-mapper.ts';

/** A page after mapping: one row a key, the rest told apart. */
export interface Chunk<Payload> {
  readonly rows: readonly MappedRow<Payload>[];
  readonly rejected: readonly RejectedRow[];
  /** Rows that could not be stored, without the skipped copies of duplicates. */
  readonly rejectedCount: number;
  readonly duplicateCount: number;
  /** One entry a raw row that has a key, or stands for itself by its content where it has none. */
  readonly keyHashes: BigUint64Array;
  /** Sum modulo 2^64 of the content hashes of all rows but the replaced copies. */
  readonly contentSum: bigint;
}

/** Tells whether a key was on an earlier page of the same pass. */
export type SeenKeys = Pick<ReadonlySet<bigint>, 'has'>;

/**
 * Maps the raw rows of one page. A key that appears twice keeps its last row, since that is the later one of the
 * answer; the other copy is logged. A key of an earlier page is written again, since it is observed later, and logged.
 */
export function buildChunk<Payload>(
  rawRows: readonly unknown[],
  window: WindowBounds | null,
  mapper: RowMapper<Payload>,
  seen: SeenKeys,
): Chunk<Payload> {
  const kept = new Map<bigint, { readonly row: MappedRow<Payload>; readonly raw: unknown }>();
  const rejected: RejectedRow[] = [];
  const keyHashes = new BigUint64Array(rawRows.length);
  const keyless = new Set<bigint>();
  let duplicateCount = 0;
  let contentSum = 0n;

  const logCopy = (
    row: MappedRow<Payload>,
    raw: unknown,
    reasonCode: 'DUPLICATE_IN_PAGE' | 'DUPLICATE_ACROSS_PAGES',
  ) => {
    duplicateCount += 1;
    rejected.push({
      key: row.key,
      stage: 'VALIDATE',
      reasonCode,
      field: null,
      message: 'the API listed this row more than once; the later copy is stored',
      maskedPayload: mapper.mask(raw),
    });
  };

  for (const [index, raw] of rawRows.entries()) {
    const outcome = mapper.map(raw, window);
    if (outcome.kind === 'rejected') {
      rejected.push(outcome.rejected);
      contentSum += outcome.contentHash;
      keyHashes[index] =
        outcome.rejected.key === null
          ? standForKeyless(outcome.contentHash, keyless)
          : mapper.hashKey(outcome.rejected.key);
      continue;
    }
    const keyHash = mapper.hashKey(outcome.kind === 'row' ? outcome.row.key : outcome.key);
    keyHashes[index] = keyHash;
    if (outcome.kind === 'filtered') continue;
    const copy = kept.get(keyHash);
    if (copy !== undefined) {
      contentSum -= copy.row.contentHash;
      logCopy(copy.row, copy.raw, 'DUPLICATE_IN_PAGE');
    } else if (seen.has(keyHash)) {
      logCopy(outcome.row, raw, 'DUPLICATE_ACROSS_PAGES');
    }
    kept.set(keyHash, { row: outcome.row, raw });
    contentSum += outcome.row.contentHash;
  }

  return {
    rows: Array.from(kept.values(), (entry) => entry.row),
    rejected,
    rejectedCount: rejected.length - duplicateCount,
    duplicateCount,
    keyHashes,
    contentSum: BigInt.asUintN(64, contentSum),
  };
}

/** Rows without a key that are equal to the letter are still as many rows as the API counts. */
function standForKeyless(contentHash: bigint, taken: Set<bigint>): bigint {
  let hash = contentHash;
  while (taken.has(hash)) hash = BigInt.asUintN(64, hash + 1n);
  taken.add(hash);
  return hash;
}
