import type { ClientBase } from 'pg';
import type { ClaimedExecution } from '../../domain/execution.ts';
import type { RejectedRow } from '../../domain/row-error.ts';
import { isDuplicate, toFingerprint } from '../../domain/row-error.ts';
import type { WindowBounds } from '../../domain/window.ts';
import type { Database } from './database.ts';
import type { RefusedRow } from './dataset-store.ts';
import { toIdentityHash, toStorableJson, toStorableKey } from './ledger-text.ts';
import { runStatement, type Statement } from './page-session.ts';

/**
 * Runs that overlap touch the same entries; whoever holds this until its commit touches them alone. Taken after the
 * data's rows and before the totals, always, so that no two runs wait for each other.
 */
const LOCK_ENTRIES: Statement = {
  name: 'lock-entries',
  sql: `select pg_advisory_xact_lock(hashtextextended('mallsync error log ' || $1 || ' ' || $2, 0))`,
};

/** The same for many malls, in the order given. */
const LOCK_ENTRIES_OF_MALLS: Statement = {
  name: 'lock-entries-of-malls',
  sql: `select pg_advisory_xact_lock(hashtextextended('mallsync error log ' || mall_id || ' ' || $2, 0))
    from unnest($1::bigint[]) as mall_id`,
};

const SAVE_ENTRIES: Statement = {
  name: 'save-entries',
  sql: `insert into mallsync.tb_batch_error_log as entry (mall_id, domain_type, execution_id, row_key, row_identity,
      stage, reason_code, field, fingerprint, message, payload, times, status, window_bounds, shop_no, date_type)
    select $1, $2, $3, row.key,
      case when row.key is null then coalesce(known.row_identity, row.identity) else row.identity end, row.stage, row.reason, row.field, row.fingerprint, row.message,
      row.payload, row.times, row.status, coalesce(place.bounds, known.window_bounds),
      coalesce(place.shop_no, known.shop_no), coalesce(place.date_type, known.date_type)
    from jsonb_to_recordset($4::jsonb) as row (key text, identity text, stage text, reason text, field text,
      fingerprint text, message text, payload jsonb, times integer, status text)
    cross join (select tstzrange(to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000)) as bounds,
      $7::integer as shop_no, $8::text as date_type where $7::integer is not null
      union all select null, null, null where $7::integer is null) as place
    left join lateral (
      select earlier.row_identity, earlier.window_bounds, earlier.shop_no, earlier.date_type
      from mallsync.tb_batch_error_log as earlier
      where place.bounds is null and earlier.mall_id = $1 and earlier.domain_type = $2
        and earlier.status = 'OPEN' and earlier.window_bounds is not null
        and (earlier.row_key = row.key or (row.key is null and earlier.row_key is null
          and earlier.fingerprint = row.fingerprint and earlier.payload is not distinct from row.payload))
      order by earlier.error_id desc limit 1
    ) as known on true
    order by row.fingerprint, 5
    on conflict (mall_id, domain_type, fingerprint, row_identity) do update set
      execution_id = excluded.execution_id, message = excluded.message, payload = excluded.payload,
      times = entry.times + excluded.times, last_seen_at = excluded.last_seen_at,
      window_bounds = coalesce(excluded.window_bounds, entry.window_bounds),
      shop_no = coalesce(excluded.shop_no, entry.shop_no),
      date_type = coalesce(excluded.date_type, entry.date_type),
      status = case when entry.status = 'IGNORED' then entry.status else excluded.status end`,
};

const SETTLE_KEYS: Statement = {
  name: 'settle-keys',
  sql: `update mallsync.tb_batch_error_log set status = 'REPLAYED', status_by = $4, status_at = now()
    where mall_id = $1 and domain_type = $2 and status = 'OPEN' and row_key = any($3::text[]) and last_seen_at < now()`,
};

interface Entry {
  readonly key: string | null;
  readonly identity: string;
  readonly stage: string;
  readonly reason: string;
  readonly field: string | null;
  readonly fingerprint: string;
  readonly message: string;
  readonly payload: unknown;
  readonly times: number;
  readonly status: 'OPEN' | 'IGNORED';
}

/** What a page, or a batch of a replay, says about rows of the log. */
export interface EntryChanges {
  readonly rejected: readonly RejectedRow[];
  /** Keys whose earlier entries are done with: written well, rejected for another reason, or gone at the API. */
  readonly settledKeys: readonly string[];
  /** Null where rows were asked for by key; their entries keep the window they are known from. */
  readonly window: WindowBounds | null;
}

/** Rejected rows become OPEN entries (copies of duplicates IGNORED ones), one an identity; settled keys REPLAYED. */
export async function saveEntries(
  database: Database,
  client: ClientBase,
  execution: ClaimedExecution,
  { rejected, settledKeys, window }: EntryChanges,
): Promise<void> {
  if (rejected.length === 0 && settledKeys.length === 0) return;
  const { mallId, domainType, executionId } = execution;
  await lockEntries(database, client, execution);
  if (rejected.length > 0) {
    const entries = toEntries(domainType, rejected, window);
    const place = [window?.fromMs ?? null, window?.untilMs ?? null, window?.shopNo ?? null, window?.dateType ?? null];
    const values = [mallId, domainType, executionId, toStorableJson(entries), ...place];
    await runStatement(database, client, SAVE_ENTRIES, values);
  }
  const keys = settledKeys.map(toStorableKey).filter((key) => key !== null);
  if (keys.length > 0) {
    await runStatement(database, client, SETTLE_KEYS, [mallId, domainType, keys, `execution ${executionId}`]);
  }
}

export async function lockEntries(
  database: Database,
  client: ClientBase,
  { mallId, domainType }: Pick<ClaimedExecution, 'mallId' | 'domainType'>,
): Promise<void> {
  await runStatement(database, client, LOCK_ENTRIES, [mallId, domainType]);
}

/** Lets nobody else touch the entries of these malls until the commit. */
export async function lockEntriesOfMalls(
  database: Database,
  client: ClientBase,
  mallIds: readonly number[],
  domainType: string,
): Promise<void> {
  const inOrder = [...new Set(mallIds)].sort((a, b) => a - b);
  await runStatement(database, client, LOCK_ENTRIES_OF_MALLS, [inOrder, domainType]);
}

/** The server's texts may quote values, so of a refusal only the code and what refused it are told. */
export function toRejected<Payload>(
  { row, sqlState, where }: RefusedRow<Payload>,
  maskedPayload: unknown,
): RejectedRow {
  return {
    key: row.key,
    stage: 'WRITE',
    reasonCode: 'DATABASE_REFUSED',
    field: where,
    message: `PostgreSQL refused the row with ${sqlState}`,
    maskedPayload,
  };
}

function toEntries(
  domainType: string,
  rejected: readonly RejectedRow[],
  window: WindowBounds | null,
): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const row of rejected) {
    const entry = toEntry(domainType, row, window);
    const id = `${entry.fingerprint}\n${entry.identity}`;
    entries.set(id, { ...entry, times: (entries.get(id)?.times ?? 0) + 1 });
  }
  return [...entries.values()];
}

function toEntry(domainType: string, row: RejectedRow, window: WindowBounds | null): Entry {
  const key = row.key === null ? null : toStorableKey(row.key);
  return {
    key,
    identity: key ?? toIdentityHash([row.key, row.maskedPayload, window?.fromMs, window?.shopNo, window?.dateType]),
    stage: row.stage,
    reason: row.reasonCode,
    field: row.field,
    fingerprint: toFingerprint(domainType, row),
    message: row.message,
    payload: row.maskedPayload,
    times: 1,
    status: isDuplicate(row) ? 'IGNORED' : 'OPEN',
  };
}
