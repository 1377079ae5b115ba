import { randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { DEFAULT_RETENTION, prune } from '../../../src/adapters/postgres/prune.ts';
import type { ControllerLedger } from '../../../src/controller/controller-ledger.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aRequest } from '../../support/database-probe.ts';
import { runProgram } from '../../support/program.ts';
import { addMalls, aMallSync, anOutcome, aSpec, lead, runOf } from './ledger-fixture.ts';

const db = await createTestDatabase();
let database: Database;
let ledger: ControllerLedger;

beforeAll(async () => {
  database = await db.open();
  await addMalls(db, 3);
  ledger = await lead(database);
});

const environment = {
  MALLSYNC_DATABASE_URL: db.url,
  MALLSYNC_ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
};

const end = { status: 'STOPPED', reason: 'Stopped', message: 'cancelled' } as const;

test('`run` leaves what a MallSync waits to run alone, and says whose it is', async () => {
  const mallSync = aMallSync();
  const spec = aSpec({ mallIds: [1] });
  const { executionId } = runOf(await ledger.admit(mallSync, spec), 1);
  const { startDate, endDate } = spec.period;
  const wish = ['--malls', '1', '--domain', 'MEMBER', '--start', startDate, '--end', endDate];
  const { exitCode, stdout } = await runProgram(['run', ...wish, '--json'], environment);
  expect(exitCode).toBe(64);
  expect(JSON.parse(stdout)).toMatchObject({
    executions: [
      {
        status: 'REFUSED',
        failureReason: 'DuplicateRefused',
        failureMessage: `already waiting as attempt 1 (execution ${executionId}, MallSync ${mallSync.name})`,
      },
    ],
  });
  expect(runOf(await ledger.load(mallSync.uid), 1).status).toBe('REQUESTED');
});

test('`sync` goes on with the run of its attempt, and is refused when that was stopped', async () => {
  const mallSync = aMallSync();
  const spec = aSpec({ mallIds: [2] });
  const { executionId, attemptCount } = runOf(await ledger.admit(mallSync, spec), 2);
  const asked = aRequest({ mallId: 2, period: spec.period, attemptCount, onUsedAttempt: 'adopt' });
  expect(await admitExecution(database, asked)).toMatchObject({ kind: 'adopt', execution: { executionId } });
  await ledger.recordOutcomes(mallSync.uid, [anOutcome(executionId, { end })]);
  const { startDate, endDate } = spec.period;
  const wish = ['--mall-id', '2', '--domain-type', 'MEMBER', '--start-date', startDate, '--end-date', endDate];
  const { exitCode } = await runProgram(['sync', ...wish, '--attempt-count', '1'], environment);
  expect(exitCode).toBe(64);
  expect((await ledger.load(mallSync.uid)).runs).toHaveLength(1);
  const instance = await db.query('select 1 from mallsync.tb_batch_execution_summary where instance_id = $1', [
    runOf(await ledger.load(mallSync.uid), 2).instanceId,
  ]);
  expect(instance).toHaveLength(1);
});

test('retention forgets a MallSync long after its last admission, and never while it has live runs', async () => {
  const [done, waiting, young] = [aMallSync(), aMallSync(), aMallSync()];
  const spec = aSpec({ mallIds: [3] });
  const ended = runOf(await ledger.admit(done, spec), 3).executionId;
  await ledger.recordOutcomes(done.uid, [anOutcome(ended, { end })]);
  await ledger.admit(waiting, spec);
  await ledger.admit(young, aSpec({ mallIds: [77] }));
  await db.query(
    `update mallsync.tb_mallsync set updated_at = now() - interval '401 days' where mallsync_uid = any($1)`,
    [[done.uid, waiting.uid]],
  );
  const { signal } = new AbortController();
  expect(await prune(database.pool, DEFAULT_RETENTION, signal)).toMatchObject({ mallSyncs: 1 });
  expect((await ledger.load(done.uid)).malls).toBeNull();
  expect((await ledger.load(waiting.uid)).malls).toHaveLength(1);
  expect((await ledger.load(young.uid)).malls).toHaveLength(1);
  const left = await db.query('select 1 from mallsync.tb_mallsync_mall where mallsync_uid = $1', [done.uid]);
  expect(left).toEqual([]);
});
