import type { PoolClient } from 'pg';
import { z } from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import type { ClaimedExecution } from '../../domain/execution.ts';
import type { SyncWindow, WindowBounds } from '../../domain/window.ts';
import { WINDOW_STATES } from '../../domain/window.ts';
import type { Database } from './database.ts';
import { toLeaseLost } from './execution-fence.ts';
import { runStatement, type Statement } from './page-session.ts';

const COLUMNS = `n, state, next_offset, count_before, rereads, rows_seen, rejected, checksum,
  lower(bounds) as from_at, upper(bounds) as until_at, shop_no, date_type, pass_began_at`;

const windowRow = z
  .object({
    n: z.int(),
    state: z.enum(WINDOW_STATES),
    next_offset: z.int(),
    count_before: z.int().nullable(),
    rereads: z.int(),
    rows_seen: z.int(),
    rejected: z.int(),
    checksum: z.string(),
    from_at: z.number(),
    until_at: z.number(),
    shop_no: z.int(),
    date_type: z.string(),
    pass_began_at: z.number().nullable(),
  })
  .transform((row) => ({
    n: row.n,
    state: row.state,
    nextOffset: row.next_offset,
    countBefore: row.count_before,
    rereads: row.rereads,
    rowsSeen: row.rows_seen,
    rejected: row.rejected,
    checksum: BigInt(row.checksum),
    fromMs: row.from_at,
    untilMs: row.until_at,
    shopNo: row.shop_no,
    dateType: row.date_type,
    passBeganAtMs: row.pass_began_at,
  }));

/** A window with what only the ledger needs to know of it. */
export interface StoredWindow extends SyncWindow {
  readonly passBeganAtMs: number | null;
}

const LOAD: Statement = {
  name: 'load-windows',
  sql: `select ${COLUMNS} from mallsync.tb_batch_window where instance_id = $1 and reading = $2 order by n`,
};

const FIND: Statement = {
  name: 'find-window',
  sql: `select ${COLUMNS} from mallsync.tb_batch_window where instance_id = $1 and reading = $2 and n = $3`,
};

const INSERT: Statement = {
  name: 'insert-windows',
  sql: `insert into mallsync.tb_batch_window (instance_id, reading, n, mall_id, domain_type, bounds, shop_no, date_type,
      execution_id)
    select $1, $2, taken.highest + part.ordinal, $3, $4,
      tstzrange(to_timestamp(part.from_ms / 1000), to_timestamp(part.until_ms / 1000)), part.shop_no, part.date_type, $5
    from unnest($6::float8[], $7::float8[], $8::integer[], $9::text[])
        with ordinality as part (from_ms, until_ms, shop_no, date_type, ordinal),
      (select coalesce(max(n), 0) as highest from mallsync.tb_batch_window
        where instance_id = $1 and reading = $2) as taken
    returning ${COLUMNS}`,
};

const DELETE: Statement = {
  name: 'delete-window',
  sql: `delete from mallsync.tb_batch_window where instance_id = $1 and reading = $2 and n = $3`,
};

const OPEN: Statement = {
  name: 'open-window',
  sql: `update mallsync.tb_batch_window set state = 'OPEN', count_before = $4, execution_id = $5,
      pass_began_at = clock_timestamp()
    where instance_id = $1 and reading = $2 and n = $3 and state = 'UNSPLIT'`,
};

const REREAD: Statement = {
  name: 'reread-window',
  sql: `update mallsync.tb_batch_window set rereads = rereads + 1, next_offset = 0, rows_seen = 0, distinct_seen = 0,
      rejected = 0, checksum = 0, count_before = $4, execution_id = $5, pass_began_at = clock_timestamp()
    where instance_id = $1 and reading = $2 and n = $3 and state = 'OPEN'`,
};

const DROP_HASHES: Statement = {
  name: 'drop-hashes',
  sql: `delete from mallsync.tb_batch_window_page where instance_id = $1 and reading = $2 and n = $3`,
};

const LOAD_HASHES: Statement = {
  name: 'load-hashes',
  sql: `select key_hashes from mallsync.tb_batch_window_page
    where instance_id = $1 and reading = $2 and n = $3 order by page_offset`,
};

const hashRow = z.object({ key_hashes: z.instanceof(Buffer) });

export async function loadWindows(
  database: Database,
  client: PoolClient,
  { instanceId, reading }: ClaimedExecution,
): Promise<readonly StoredWindow[]> {
  const { rows } = await runStatement(database, client, LOAD, [instanceId, reading]);
  return z.array(windowRow).parse(rows);
}

/** @throws TerminalError Bug when there is no such window */
export async function findWindow(
  database: Database,
  client: PoolClient,
  { instanceId, reading }: ClaimedExecution,
  n: number,
): Promise<StoredWindow> {
  const { rows } = await runStatement(database, client, FIND, [instanceId, reading, n]);
  if (rows.length === 0) throw new TerminalError('Bug', `reading ${reading} has no window ${n}`);
  return windowRow.parse(rows[0]);
}

/** Numbers go on from the highest of the reading. */
export async function insertWindows(
  database: Database,
  client: PoolClient,
  execution: ClaimedExecution,
  bounds: readonly WindowBounds[],
): Promise<readonly StoredWindow[]> {
  const { instanceId, reading, mallId, domainType, executionId } = execution;
  const { rows } = await runStatement(database, client, INSERT, [
    instanceId,
    reading,
    mallId,
    domainType,
    executionId,
    bounds.map((window) => window.fromMs),
    bounds.map((window) => window.untilMs),
    bounds.map((window) => window.shopNo),
    bounds.map((window) => window.dateType),
  ]);
  return z
    .array(windowRow)
    .parse(rows)
    .sort((a, b) => a.n - b.n);
}

/** Replaces an UNSPLIT window; when an earlier try had done so, its parts are found again. */
export async function replaceWindow(
  database: Database,
  client: PoolClient,
  execution: ClaimedExecution,
  n: number,
  parts: readonly WindowBounds[],
): Promise<readonly StoredWindow[]> {
  const { instanceId, reading } = execution;
  const stored = await loadWindows(database, client, execution);
  if (stored.some((window) => window.n === n && window.state === 'UNSPLIT')) {
    // inserted first, so that the number of the replaced window is never given again
    const inserted = await insertWindows(database, client, execution, parts);
    await runStatement(database, client, DELETE, [instanceId, reading, n]);
    return inserted;
  }
  const found = parts.map((part) => stored.find((window) => hasSameBounds(window, part)));
  const known = found.filter((window) => window !== undefined);
  if (known.length < parts.length) throw toLeaseLost(execution);
  return known;
}

function hasSameBounds(a: WindowBounds, b: WindowBounds): boolean {
  return a.fromMs === b.fromMs && a.untilMs === b.untilMs && a.shopNo === b.shopNo && a.dateType === b.dateType;
}

/** A window that is OPEN already was opened by an earlier try, and its first count stands. */
export async function openWindow(
  database: Database,
  client: PoolClient,
  execution: ClaimedExecution,
  n: number,
  countBefore: number | null,
): Promise<void> {
  const { instanceId, reading, executionId } = execution;
  const opened = await runStatement(database, client, OPEN, [instanceId, reading, n, countBefore, executionId]);
  if (opened.rowCount === 1) return;
  const window = await findWindow(database, client, execution, n);
  if (window.state !== 'OPEN') throw toLeaseLost(execution);
}

export async function rereadWindow(
  database: Database,
  client: PoolClient,
  execution: ClaimedExecution,
  n: number,
  countBefore: number | null,
): Promise<void> {
  const { instanceId, reading, executionId } = execution;
  const begun = await runStatement(database, client, REREAD, [instanceId, reading, n, countBefore, executionId]);
  if (begun.rowCount !== 1) throw toLeaseLost(execution);
  await runStatement(database, client, DROP_HASHES, [instanceId, reading, n]);
}

export async function dropKeyHashes(
  database: Database,
  client: PoolClient,
  { instanceId, reading }: ClaimedExecution,
  n: number,
): Promise<void> {
  await runStatement(database, client, DROP_HASHES, [instanceId, reading, n]);
}

export async function loadKeyHashes(
  database: Database,
  client: PoolClient,
  { instanceId, reading }: ClaimedExecution,
  n: number,
): Promise<BigUint64Array> {
  const { rows } = await runStatement(database, client, LOAD_HASHES, [instanceId, reading, n]);
  // pg's buffers are slices of what came over the wire, so the bytes are copied to an aligned place
  const bytes = Buffer.concat(
    z
      .array(hashRow)
      .parse(rows)
      .map((row) => row.key_hashes),
  );
  const aligned = new Uint8Array(bytes);
  return new BigUint64Array(aligned.buffer, 0, aligned.byteLength / 8);
}
