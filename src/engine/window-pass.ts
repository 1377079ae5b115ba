import { TerminalError } from '../domain/errors.ts';
import type { SyncWindow } from '../domain/window.ts';
import { buildChunk } from './chunk.ts';
import type { StreamedPage } from './page-stream.ts';
import { streamPages } from './page-stream.ts';
import { isOverRejectLimit } from './reject-limit.ts';
import type { RunContext } from './run-context.ts';

/** What has been committed of the current pass over a window. */
export interface PassProgress {
  readonly seen: Set<bigint>;
  checksum: bigint;
  rejected: number;
  rowsSeen: number;
}

export interface PassEnd {
  /** The list may hold more rows than offsets reach. */
  readonly hasHitCeiling: boolean;
}

/** The progress stored by the processes that read this pass before. */
export async function loadProgress<Payload>(run: RunContext<Payload>, window: SyncWindow): Promise<PassProgress> {
  const stored =
    window.nextOffset === 0
      ? new BigUint64Array()
      : await run.retries.run(() => run.ports.ledger.loadKeyHashes(run.execution, window.n), run.signal);
  return {
    seen: new Set(stored),
    checksum: window.checksum,
    rejected: window.rejected,
    rowsSeen: window.rowsSeen,
  };
}

/**
 * Reads a window's pages from its next offset to the end of the list and commits each. The list ends at an empty page,
 * or once both the offset and the distinct keys have reached the API's count.
 * @throws TerminalError RejectBudgetExceeded after the page that passed the limit was committed
 */
export async function readPass<Payload>(
  run: RunContext<Payload>,
  window: SyncWindow,
  progress: PassProgress,
): Promise<PassEnd> {
  for await (const page of openStream(run, window)) {
    if (page.rows.length === 0) return { hasHitCeiling: false };
    await commitPage(run, window, page, progress);
    if (isOverRejectLimit(run.settings.rejectLimit, progress.rejected, progress.rowsSeen)) {
      throw new TerminalError(
        'RejectBudgetExceeded',
        `${progress.rejected} of ${progress.rowsSeen} rows of window ${window.n} (shop ${window.shopNo}) were rejected`,
      );
    }
    const count = window.countBefore;
    if (count !== null && page.nextOffset >= count && progress.seen.size >= count) return { hasHitCeiling: false };
    run.signal.throwIfAborted();
  }
  return { hasHitCeiling: true };
}

/** Looks at a window's pages once more without writing: true when keys and content are those of the pass. */
export async function confirmPass<Payload>(
  run: RunContext<Payload>,
  window: SyncWindow,
  progress: PassProgress,
): Promise<boolean> {
  const seen = new Set<bigint>();
  let checksum = 0n;
  for await (const page of openStream(run, { ...window, nextOffset: 0 })) {
    const chunk = buildChunk(page.rows, window, run.ports.mapper, seen);
    checksum = BigInt.asUintN(64, checksum + chunk.contentSum);
    for (const hash of chunk.keyHashes) seen.add(hash);
  }
  return checksum === progress.checksum && seen.size === progress.seen.size;
}

function openStream<Payload>(run: RunContext<Payload>, window: SyncWindow): AsyncIterable<StreamedPage> {
  const { source } = run.ports;
  return streamPages(
    (offset, limit, signal) =>
      run.retries.run(
        ({ isSmallerAdvised }) =>
          source.fetchPage(window, offset, isSmallerAdvised ? Math.ceil(limit / 2) : limit, signal),
        signal,
      ),
    {
      firstOffset: window.nextOffset,
      pageSize: run.execution.pageSize,
      expectedRows: window.countBefore ?? 0,
      maxOffset: source.maxOffset,
      readAhead: run.readAhead,
    },
    run.signal,
  );
}

async function commitPage<Payload>(
  run: RunContext<Payload>,
  window: SyncWindow,
  page: StreamedPage,
  progress: PassProgress,
): Promise<void> {
  const { ledger, mapper, meter, observer } = run.ports;
  const chunk = buildChunk(page.rows, window, mapper, progress.seen);
  const fresh = new Set<bigint>();
  for (const hash of chunk.keyHashes) if (!progress.seen.has(hash)) fresh.add(hash);
  const checksum = BigInt.asUintN(64, progress.checksum + chunk.contentSum);
  const commit = {
    windowN: window.n,
    offset: page.offset,
    nextOffset: page.nextOffset,
    rereads: window.rereads,
    rows: chunk.rows,
    rejected: chunk.rejected,
    keyHashes: chunk.keyHashes,
    observedAtMs: page.observedAtMs,
    counters: { read: page.rows.length, duplicate: chunk.duplicateCount, bytes: page.bytes },
    costs: meter.drain(),
    distinctSeen: progress.seen.size + fresh.size,
    checksum,
  };
  const outcome = await run.retries.run(() => ledger.commitPage(run.execution, commit), run.signal);
  for (const hash of fresh) progress.seen.add(hash);
  progress.checksum = checksum;
  progress.rejected += chunk.rejectedCount + outcome.rejected;
  progress.rowsSeen += page.rows.length;
  run.retries.noteProgress();
  observer.onPage?.(run.execution, commit, outcome);
}
