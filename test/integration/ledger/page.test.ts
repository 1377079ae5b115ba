import { expect, test } from 'vitest';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import { createLeaseKeeper } from '../../../src/adapters/postgres/lease-keeper.ts';
import { findExecution } from '../../../src/adapters/postgres/execution-store.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { LeaseLostError } from '../../../src/domain/errors.ts';
import type { ClaimedExecution } from '../../../src/domain/execution.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  aPage,
  aRejectedRow,
  aRow,
  claim,
  claimNew,
  createProbeTable,
  hashOf,
  probeStore,
  REFUSED_VALUE,
} from '../../support/database-probe.ts';

const db = await createTestDatabase();
await createProbeTable(db);

function aLedger(database: Database) {
  return createLedger({ database, store: probeStore, maskRow: (row) => ({ key: row.key.slice(0, 3) }) });
}

async function openOne(database: Database, execution: ClaimedExecution, dateType = 'join') {
  const ledger = aLedger(database);
  const { fromMs, untilMs } = execution.period;
  await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType }]);
  await ledger.openWindow(execution, 1, 3);
  return ledger;
}

/** Everything of the database that a page may change, of one mall. */
async function snapshot(execution: ClaimedExecution) {
  const [state] = await db.query<{ state: unknown }>(
    `select json_build_object(
      'rows', (select json_agg(p order by key) from mallsync.tb_probe p where mall_id = $1),
      'windows', (select json_agg(w order by n) from mallsync.tb_batch_window w where mall_id = $1),
      'pages', (select json_agg(p order by page_offset) from mallsync.tb_batch_window_page p where instance_id = $2),
      'execution', (select to_json(e) - 'lease_until' from (select to_jsonb(x) as e from mallsync.tb_batch_execution_summary x where execution_id = $3) y),
      'errors', (select json_agg(e order by error_id) from mallsync.tb_batch_error_log e where mall_id = $1),
      'totals', (select json_agg(t order by name, labels) from mallsync.tb_metric_total t)) as state`.replace(
      "to_json(e) - 'lease_until'",
      "e - 'lease_until'",
    ),
    [execution.mallId, execution.instanceId, execution.executionId],
  );
  return state?.state;
}

test('commits rows, rejected rows, hashes, checkpoint, counters, totals and the lease together', async () => {
  const database = await db.open();
  const execution = await claimNew(database);
  const ledger = await openOne(database, execution);
  const page = aPage([aRow('1|a'), aRow('1|b'), aRow('1|c', REFUSED_VALUE)], { rejected: [aRejectedRow()] });
  const outcome = await ledger.commitPage(execution, page);
  expect(outcome).toEqual({ inserted: 2, updated: 0, unchanged: 0, stale: 0, rejected: 1, wasApplied: true });

  const { windows } = await ledger.loadWindows(execution);
  expect(windows).toMatchObject([
    { n: 1, state: 'OPEN', nextOffset: 4, rowsSeen: 4, rejected: 2, checksum: 2n ** 64n - 1n, countBefore: 3 },
  ]);
  expect(await ledger.loadKeyHashes(execution, 1)).toEqual(page.keyHashes);
  expect((await findExecution(database, execution.executionId))?.counters).toEqual({
    read: 4,
    inserted: 2,
    updated: 0,
    unchanged: 0,
    stale: 0,
    rejected: 2,
    duplicate: 0,
    pages: 1,
    apiCalls: 1,
    waitMs: 250,
    bytes: 100,
  });
  const errors = await db.query(
    `select row_key, stage, reason_code, field, fingerprint, payload, status, times, shop_no, date_type
     from mallsync.tb_batch_error_log where mall_id = $1 order by row_key`,
    [execution.mallId],
  );
  expect(errors).toMatchObject([
    {
      row_key: '1|bad',
      stage: 'MAP',
      fingerprint: 'MEMBER:MAP:BAD_DATE:created_date',
      status: 'OPEN',
      date_type: 'join',
    },
    { row_key: '1|c', stage: 'WRITE', reason_code: 'DATABASE_REFUSED', field: 'value', payload: { key: '1|c' } },
  ]);
});

test('a page is applied once, however often its commit is tried', async () => {
  const database = await db.open();
  const execution = await claimNew(database);
  const ledger = await openOne(database, execution);
  const page = aPage([aRow('1|a'), aRow('1|b')], { rejected: [aRejectedRow()] });
  await ledger.commitPage(execution, page);
  const before = await snapshot(execution);
  const again = await ledger.commitPage(execution, page);
  expect(again).toMatchObject({ wasApplied: false, inserted: 0, rejected: 0 });
  expect(await snapshot(execution)).toEqual(before);
});

test('a page is applied once when its tries overlap', async () => {
  const database = await db.open({ writerConnections: 4 });
  const execution = await claimNew(database);
  const ledger = await openOne(database, execution);
  const page = aPage([aRow('1|a'), aRow('1|b')]);
  const tries = await Promise.allSettled([1, 2, 3, 4].map(() => ledger.commitPage(execution, page)));
  const applied = tries.filter((result) => result.status === 'fulfilled' && result.value.wasApplied);
  expect(applied).toHaveLength(1);
  for (const result of tries) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ isTransient: true });
  }
  expect((await findExecution(database, execution.executionId))?.counters).toMatchObject({ pages: 1, read: 2 });
});

test('a zombie writes nothing, not even counters, by any method', async () => {
  const database = await db.open();
  const zombie = await claimNew(database);
  const ledger = await openOne(database, zombie);
  await db.query('update mallsync.tb_batch_execution_summary set lease_until = now() where execution_id = $1', [
    zombie.executionId,
  ]);
  const successor = await claim(database, zombie.executionId, 'successor');
  expect(successor.fenceToken).toBe(zombie.fenceToken + 1);
  const before = await snapshot(successor);
  const leases = createLeaseKeeper(database);
  const bounds = { fromMs: 0, untilMs: 1000, shopNo: 1, dateType: 'join' };
  const page = aPage([aRow('1|z')]);
  const batch = { ...page, settledKeys: ['1|bad'], window: null, isWindowEnd: false };
  const acts: readonly (() => Promise<unknown>)[] = [
    () => ledger.loadWindows(zombie),
    () => ledger.saveWindows(zombie, [bounds]),
    () => ledger.splitWindow(zombie, 1, [bounds, bounds]),
    () => ledger.openWindow(zombie, 1, 9),
    () => ledger.loadKeyHashes(zombie, 1),
    () => ledger.commitPage(zombie, page),
    () => ledger.rereadWindow(zombie, 1, 9),
    () => ledger.settleWindow(zombie, 1, { state: 'COMPLETE', countAfter: 3, message: null }),
    () => ledger.addCosts(zombie, page.costs),
    () => ledger.loadRejected(zombie),
    () => ledger.commitReplay(zombie, batch),
    () => ledger.settleExecution(zombie),
    () => ledger.failExecution(zombie, 'Bug', 'zombie', 70),
    () => ledger.releaseExecution(zombie, 'Stopped', 'zombie'),
    () => leases.renew(zombie, 'WAITING'),
  ];
  for (const act of acts) await expect(act()).rejects.toBeInstanceOf(LeaseLostError);
  expect(await snapshot(successor)).toEqual(before);
});

test('a page of another pass or from elsewhere in the window is refused', async () => {
  const database = await db.open();
  const execution = await claimNew(database);
  const ledger = await openOne(database, execution);
  await ledger.commitPage(execution, aPage([aRow('1|a')]));
  await ledger.rereadWindow(execution, 1, 1);
  const before = await snapshot(execution);
  const stale = aPage([aRow('1|b')], { offset: 1, nextOffset: 2 });
  await expect(ledger.commitPage(execution, stale)).rejects.toBeInstanceOf(LeaseLostError);
  await expect(ledger.commitPage(execution, { ...stale, offset: 0 })).rejects.toBeInstanceOf(LeaseLostError);
  expect(await snapshot(execution)).toEqual(before);
  await expect(ledger.commitPage(execution, aPage([aRow('1|b')], { rereads: 1 }))).resolves.toMatchObject({
    wasApplied: true,
  });
  expect(await ledger.loadKeyHashes(execution, 1)).toEqual(BigUint64Array.of(hashOf('1|b')));
});

test('nothing of a page stays when the database refuses a part of it', async () => {
  const database = await db.open();
  const execution = await claimNew(database);
  const ledger = createLedger<{ readonly value: string }>({
    database,
    store: {
      ...probeStore,
      write: async (client, context, rows) => {
        await probeStore.write(client, context, rows);
        throw new Error('lost in the middle');
      },
    },
  });
  await openOne(database, execution);
  const before = await snapshot(execution);
  await expect(ledger.commitPage(execution, aPage([aRow('1|a')]))).rejects.toMatchObject({ reason: 'Bug' });
  expect(await snapshot(execution)).toEqual(before);
});

test('NUL, half letters and endless keys end in the error log', async () => {
  const database = await db.open();
  const execution = await claimNew(database);
  const ledger = await openOne(database, execution);
  const rejected = [
    aRejectedRow({ key: '1|nul\0key', maskedPayload: { 'na\0me': 'a\0***', half: '\ud83d' } }),
    aRejectedRow({ key: `1|${'k'.repeat(10_000)}` }),
    aRejectedRow({ key: `1|${'k'.repeat(10_001)}` }),
    aRejectedRow({ key: null }),
    aRejectedRow({ key: null }),
  ];
  await ledger.commitPage(execution, aPage([], { rejected }));
  const errors = await db.query(
    `select row_key, times, payload from mallsync.tb_batch_error_log where mall_id = $1 order by row_key nulls last, times`,
    [execution.mallId],
  );
  expect(errors).toMatchObject([
    { row_key: '1|nulkey', payload: { name: 'a***', half: '\ufffd' } },
    { row_key: null, times: 1 },
    { row_key: null, times: 1 },
    { row_key: null, times: 2 },
  ]);
});
