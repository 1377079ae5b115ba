import type { DatasetStore, RefusedRow } from '../../src/adapters/postgres/dataset-store.ts';
import { admitExecution } from '../../src/adapters/postgres/admission.ts';
import type { ExecutionRequest } from '../../src/adapters/postgres/admission-state.ts';
import { claimExecution } from '../../src/adapters/postgres/claim.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import type { ClaimedExecution } from '../../src/domain/execution.ts';
import { parsePeriod } from '../../src/domain/period.ts';
import type { RejectedRow } from '../../src/domain/row-error.ts';
import type { PageCommit } from '../../src/engine/ledger.ts';
import type { MappedRow } from '../../src/engine/row-mapper.ts';
import type { TestDatabase } from './database.ts';

/** A domain type's smallest possible table, so that the ledger is tried without a real one. */
export type ProbeRow = MappedRow<{ readonly value: string }>;

export const REFUSED_VALUE = 'refuse me';

export async function createProbeTable(db: TestDatabase): Promise<void> {
  await db.query(`create table mallsync.tb_probe (mall_id bigint, key text, value text not null, hash bigint not null,
    missing_since timestamptz, primary key (mall_id, key))`);
}

export const probeStore: DatasetStore<{ readonly value: string }> = {
  async write(client, { mallId }, rows) {
    const refused: RefusedRow<{ readonly value: string }>[] = [];
    let inserted = 0;
    let updated = 0;
    for (const row of rows.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
      if (row.payload.value === REFUSED_VALUE) {
        refused.push({ row, sqlState: '22001', where: 'value' });
        continue;
      }
      const { rows: written } = await client.query<{ was_inserted: boolean }>(
        `insert into mallsync.tb_probe (mall_id, key, value, hash) values ($1, $2, $3, $4)
         on conflict (mall_id, key) do update set value = excluded.value, missing_since = null
         where tb_probe.value <> excluded.value returning xmax = 0 as was_inserted`,
        [mallId, row.key, row.payload.value, BigInt.asIntN(64, hashOf(row.key)).toString()],
      );
      if (written[0]?.was_inserted === true) inserted += 1;
      else if (written.length > 0) updated += 1;
    }
    return { inserted, updated, unchanged: rows.length - inserted - updated - refused.length, stale: 0, refused };
  },
  async markMissing(client, { mallId }, _window, keyHashes) {
    const seen = Array.from(keyHashes, (hash) => BigInt.asIntN(64, hash).toString());
    const marked = await client.query(
      `update mallsync.tb_probe set missing_since = now()
       where mall_id = $1 and missing_since is null and not hash = any($2::bigint[])`,
      [mallId, seen],
    );
    return marked.rowCount ?? 0;
  },
};

/** A hash that is spread over all 64 bits. */
export function hashOf(key: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(key)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

export function aRow(key: string, value = 'value'): ProbeRow {
  return { key, payload: { value }, contentHash: hashOf(`${key} ${value}`) };
}

export function aRejectedRow(overrides: Partial<RejectedRow> = {}): RejectedRow {
  return {
    key: '1|bad',
    stage: 'MAP',
    reasonCode: 'BAD_DATE',
    field: 'created_date',
    message: 'is not a date',
    maskedPayload: { created_date: 'x***' },
    ...overrides,
  };
}

type Page = PageCommit<{ readonly value: string }>;

/** The first page of window 1 with the given rows; counters follow from them. */
export function aPage(rows: readonly ProbeRow[], overrides: Partial<Page> = {}): Page {
  const rejected = overrides.rejected ?? [];
  const keys = [...rows.map((row) => row.key), ...rejected.map((row) => row.key ?? 'none')];
  return {
    windowN: 1,
    offset: 0,
    nextOffset: (overrides.offset ?? 0) + Math.max(keys.length, 1),
    rereads: 0,
    rows,
    rejected,
    keyHashes: BigUint64Array.from(keys, hashOf),
    observedAtMs: Date.now(),
    counters: { read: keys.length, duplicate: 0, bytes: 100 },
    costs: { calls: [{ endpoint: 'probes', code: '200', count: 1 }], waits: [{ cause: 'rate', waitMs: 250 }] },
    distinctSeen: keys.length,
    checksum: 2n ** 64n - 1n,
    ...overrides,
  };
}

let nextMallId = 1;

/** A request for a period in the past, of a mall that no other test uses. */
export function aRequest(overrides: Partial<ExecutionRequest> = {}): ExecutionRequest {
  return {
    mallId: nextMallId++,
    domainType: 'MEMBER',
    period: parsePeriod('2025-01-01T00:00:00', '2025-01-11T00:00:00'),
    pageSize: 1000,
    attemptCount: null,
    mode: 'RESUME',
    reason: '',
    onUsedAttempt: 'next',
    fingerprints: null,
    trigger: 'LOCAL',
    requestedBy: 'test',
    installationId: 'test',
    ...overrides,
  };
}

export async function claimNew(
  database: Database,
  overrides: Partial<ExecutionRequest> = {},
): Promise<ClaimedExecution> {
  const admission = await admitExecution(database, aRequest(overrides));
  if (admission.kind !== 'admitted') throw new Error(`not admitted but ${admission.kind}`);
  return claim(database, admission.executionId);
}

export async function claim(database: Database, executionId: number, holder = 'test'): Promise<ClaimedExecution> {
  const result = await claimExecution(database, executionId, holder);
  if (result.kind !== 'claimed') throw new Error(`not claimed but ${result.kind}`);
  return result.execution;
}
