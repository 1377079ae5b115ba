import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';
import type { ExecutionRequest } from '../../../src/adapters/postgres/admission-state.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { DEFAULT_RETENTION, prune } from '../../../src/adapters/postgres/prune.ts';
import { parsePeriod } from '../../../src/domain/period.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addErrorEntry, addExecution, addInstance } from './ledger-fixture.ts';

const testDatabase = await createTestDatabase();
const { signal } = new AbortController();
const OLD = 401;
let database: Database;

beforeAll(async () => {
  database = await testDatabase.open();
});

beforeEach(async () => {
  await testDatabase.query(`truncate mallsync.tb_batch_job_instance, mallsync.tb_batch_error_log,
    mallsync.tb_batch_retry_request, mallsync.tb_audit_log cascade`);
});

const run = () => prune(database.pool, DEFAULT_RETENTION, signal);

async function listIds(table: string, column: string): Promise<readonly number[]> {
  const rows = await testDatabase.query(`select ${column}::int as id from mallsync.${table} order by 1`);
  return rows.map((row) => Number(row['id']));
}

const listExecutions = () => listIds('tb_batch_execution_summary', 'execution_id');

async function addWindow(instanceId: number, reading: number, n: number, state = 'COMPLETE'): Promise<void> {
  await testDatabase.query(
    `insert into mallsync.tb_batch_window (instance_id, reading, n, mall_id, domain_type, bounds, shop_no, date_type, state, execution_id)
     values ($1, $2, $3, 1, 'MEMBER', tstzrange('2025-01-01', '2025-01-02'), 1, 'join', $4, 1)`,
    [instanceId, reading, n, state],
  );
}

async function listWindows(): Promise<readonly string[]> {
  const rows = await testDatabase.query(
    `select instance_id || '/' || reading || '/' || n as window from mallsync.tb_batch_window order by instance_id, reading, n`,
  );
  return rows.map((row) => String(row['window']));
}

describe('retention', () => {
  it('deletes entries of the error log half a year after they were last seen, whatever their status', async () => {
    await addErrorEntry(testDatabase, { rowKey: 'a', daysAgo: 181 });
    await addErrorEntry(testDatabase, { rowKey: 'b', daysAgo: 181, status: 'IGNORED' });
    const kept = await addErrorEntry(testDatabase, { rowKey: 'c', daysAgo: 179 });
    expect(await run()).toMatchObject({ errorEntries: 2 });
    expect(await listIds('tb_batch_error_log', 'error_id')).toEqual([kept]);
  });

  it('deletes old executions, but of each instance keeps the one that makes it complete', async () => {
    const instanceId = await addInstance(testDatabase, { daysAgo: OLD });
    const old = { instanceId, daysAgo: OLD };
    await addExecution(testDatabase, { ...old, status: 'COMPLETED' });
    const completing = await addExecution(testDatabase, {
      ...old,
      status: 'COMPLETED_WITH_REJECTS',
      mode: 'REPROCESS',
      reading: 2,
    });
    await addExecution(testDatabase, { ...old, status: 'COMPLETED', mode: 'REPLAY', reading: 2 });
    await addExecution(testDatabase, { ...old, status: 'FAILED', mode: 'REPROCESS', reading: 3 });
    const live = await addExecution(testDatabase, { ...old, status: 'WAITING', reading: 3 });
    await addExecution(testDatabase, { daysAgo: OLD, status: 'ABANDONED' });
    const recent = await addExecution(testDatabase, { daysAgo: OLD - 2, status: 'FAILED' });
    expect(await run()).toMatchObject({ executions: 4 });
    expect(await listExecutions()).toEqual([completing, live, recent]);
    expect(await listIds('tb_batch_job_instance', 'instance_id')).toHaveLength(3);
    expect(await run()).toMatchObject({ executions: 0 });
  });

  it('leaves a pruned period known as complete', async () => {
    const request: ExecutionRequest = {
      mallId: 1,
      domainType: 'MEMBER',
      period: parsePeriod('2024-01-01T00:00:00', '2024-01-02T00:00:00'),
      pageSize: 1000,
      attemptCount: null,
      mode: 'RESUME',
      reason: '',
      onUsedAttempt: 'next',
      fingerprints: null,
      trigger: 'LOCAL',
      requestedBy: 'test',
      installationId: 'test',
    };
    for (const status of ['FAILED', 'COMPLETED']) {
      expect(await admitExecution(database, request)).toMatchObject({ kind: 'admitted' });
      await testDatabase.query(
        `update mallsync.tb_batch_execution_summary set status = $1, requested_at = now() - interval '2 years',
           ended_at = now() - interval '2 years' where ended_at is null`,
        [status],
      );
    }
    expect(await run()).toMatchObject({ executions: 1 });
    expect(await admitExecution(database, request)).toMatchObject({ kind: 'already-complete' });
  });

  it('deletes the windows of a reading together, once no execution of it is live or recent', async () => {
    const instanceId = await addInstance(testDatabase, { daysAgo: OLD });
    for (const [reading, daysAgo] of [
      [1, OLD],
      [2, OLD],
      [2, 3],
    ] as const) {
      await addExecution(testDatabase, { instanceId, reading, daysAgo, status: 'FAILED' });
    }
    await addExecution(testDatabase, { instanceId, reading: 3, daysAgo: OLD, status: 'RUNNING' });
    for (const reading of [1, 2, 3]) {
      await addWindow(instanceId, reading, 0);
      await addWindow(instanceId, reading, 1, 'INCOMPLETE');
    }
    await testDatabase.query(`insert into mallsync.tb_batch_window_page values ($1, 1, 1, 0, '\\x00')`, [instanceId]);
    const young = await addInstance(testDatabase, { daysAgo: 1 });
    await addWindow(young, 1, 0);
    expect(await run()).toMatchObject({ windows: 2 });
    const kept = [2, 3].flatMap((reading) => [`${instanceId}/${reading}/0`, `${instanceId}/${reading}/1`]);
    expect(await listWindows()).toEqual([...kept, `${young}/1/0`]);
    expect(await testDatabase.query('select 1 from mallsync.tb_batch_window_page')).toEqual([]);
  });

  it('deletes requests that are done and the audit log after the same time, and leaves open requests', async () => {
    await testDatabase.query(
      `insert into mallsync.tb_batch_retry_request (idempotency_key, kind, domain_type, start_date, end_date, requested_by, state, done_at)
       select state || age, 'RUN', 'MEMBER', '', '', 'kim', state, case when state <> 'PENDING' then now() - make_interval(days => age) end
       from unnest(array['PENDING', 'DONE', 'REFUSED']) state, unnest(array[399, 401]) age`,
    );
    await testDatabase.query(
      `insert into mallsync.tb_audit_log (actor, action, target, outcome, at)
       select 'kim', 'malls add', 'mall 1', 'done', now() - make_interval(days => age) from unnest(array[399, 401]) age`,
    );
    expect(await run()).toMatchObject({ requests: 2, auditEntries: 1 });
    const left = await testDatabase.query('select idempotency_key from mallsync.tb_batch_retry_request order by 1');
    expect(left.map((row) => row['idempotency_key'])).toEqual(['DONE399', 'PENDING399', 'PENDING401', 'REFUSED399']);
  });

  it('goes through many batches, past what it keeps', async () => {
    await testDatabase.query(
      `with instance as (
         insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date, created_at)
         select n, 'MEMBER', tstzrange('2024-01-01', '2024-01-02'), '', '', now() - interval '500 days'
         from generate_series(1, 1500) n returning instance_id, mall_id)
       insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
         attempt_count, reading, status, trigger, installation_id, requested_at, ended_at)
       select instance_id, mall_id, 'MEMBER', '', '', 1000, attempt, 1, case attempt when 1 then 'FAILED' else 'COMPLETED' end,
         'LOCAL', 'test', now() - interval '500 days', now() - interval '500 days' from instance, generate_series(1, 2) attempt`,
    );
    await testDatabase.query(
      `insert into mallsync.tb_batch_error_log (mall_id, domain_type, execution_id, row_identity, stage, reason_code,
         fingerprint, message, last_seen_at)
       select 1, 'MEMBER', 1, n::text, 'MAP', 'BAD_DATE', 'f', 'm', now() - interval '200 days' from generate_series(1, 2500) n`,
    );
    expect(await run()).toMatchObject({ executions: 1500, errorEntries: 2500 });
    expect(await listExecutions()).toHaveLength(1500);
  });

  it('steps aside for entries that a run is writing', async () => {
    await addErrorEntry(testDatabase, { rowKey: 'a', daysAgo: 181 });
    const writer = await database.connectDirect();
    try {
      await writer.query(`begin; update mallsync.tb_batch_error_log set times = times + 1, last_seen_at = now()`);
      expect(await run()).toMatchObject({ errorEntries: 0 });
      await writer.query('commit');
    } finally {
      await writer.end();
    }
    expect(await run()).toMatchObject({ errorEntries: 0 });
  });

  it('ends between two batches when it is told to', async () => {
    await addErrorEntry(testDatabase, { daysAgo: 181 });
    const stop = AbortSignal.abort(new Error('stop'));
    await expect(prune(database.pool, DEFAULT_RETENTION, stop)).rejects.toThrow('stop');
    expect(await listIds('tb_batch_error_log', 'error_id')).toHaveLength(1);
  });
});
