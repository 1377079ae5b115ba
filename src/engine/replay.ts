import type { WindowBounds } from '../domain/window.ts';
import { buildChunk } from './chunk.ts';
import type { RejectedEntry, ReplayCommit } from './ledger.ts';
import type { FetchedPage } from './page-source.ts';
import { streamPages } from './page-stream.ts';
import type { RunContext } from './run-context.ts';

const KEYS_A_BATCH = 100;
const NOTHING_SEEN: ReadonlySet<bigint> = new Set();

/** Reads the rejected rows of an instance again: by key where the source can, else by their windows. */
export async function replayRejected<Payload>(run: RunContext<Payload>): Promise<void> {
  const { ledger, source } = run.ports;
  const entries = await run.retries.run(() => ledger.loadRejected(run.execution), run.signal);
  const work = planReplay(entries, source.fetchByKeys !== null);
  for (let at = 0; at < work.keys.length; at += KEYS_A_BATCH) {
    await replayKeys(run, work.keys.slice(at, at + KEYS_A_BATCH));
  }
  for (const window of work.windows) await replayWindow(run, window);
}

/** Divides the entries into keys to ask for and windows to read; each key and each window once. */
export function planReplay(
  entries: readonly RejectedEntry[],
  canFetchByKeys: boolean,
): { readonly keys: readonly string[]; readonly windows: readonly WindowBounds[] } {
  const keys = new Set<string>();
  const windows = new Map<string, WindowBounds>();
  for (const { key, window } of entries) {
    if (key !== null && canFetchByKeys) keys.add(key);
    else windows.set(`${window.shopNo} ${window.dateType} ${window.fromMs} ${window.untilMs}`, window);
  }
  return { keys: [...keys], windows: [...windows.values()] };
}

async function replayKeys<Payload>(run: RunContext<Payload>, keys: readonly string[]): Promise<void> {
  const { fetchByKeys } = run.ports.source;
  if (fetchByKeys === null) return;
  const page = await run.retries.run(() => fetchByKeys(keys, run.signal), run.signal);
  await commitReplay(run, page, { window: null, isWindowEnd: false, settledKeys: keys });
}

async function replayWindow<Payload>(run: RunContext<Payload>, window: WindowBounds): Promise<void> {
  const { source } = run.ports;
  const count = await run.retries.run(() => source.countRows(window, run.signal), run.signal);
  const pages = streamPages(
    (offset, limit, signal) => run.retries.run(() => source.fetchPage(window, offset, limit, signal), signal),
    {
      firstOffset: 0,
      pageSize: run.execution.pageSize,
      expectedRows: count ?? 0,
      maxOffset: source.maxOffset,
      readAhead: run.readAhead,
    },
    run.signal,
  );
  for await (const page of pages) {
    const isWindowEnd = page.rows.length === 0 && (count === null || page.offset === count);
    await commitReplay(run, page, { window, isWindowEnd, settledKeys: [] });
  }
}

async function commitReplay<Payload>(
  run: RunContext<Payload>,
  page: FetchedPage,
  batch: Pick<ReplayCommit<Payload>, 'window' | 'isWindowEnd' | 'settledKeys'>,
): Promise<void> {
  const { ledger, mapper, meter } = run.ports;
  const chunk = buildChunk(page.rows, batch.window, mapper, NOTHING_SEEN);
  const commit: ReplayCommit<Payload> = {
    ...batch,
    rows: chunk.rows,
    rejected: chunk.rejected,
    observedAtMs: page.observedAtMs,
    counters: { read: page.rows.length, duplicate: chunk.duplicateCount, bytes: page.bytes },
    costs: meter.drain(),
  };
  await run.retries.run(() => ledger.commitReplay(run.execution, commit), run.signal);
  run.retries.noteProgress();
}
