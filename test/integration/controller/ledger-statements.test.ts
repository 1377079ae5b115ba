import { Client } from 'pg';
import { expect, test, vi } from 'vitest';
import { readEpoch } from '../../../src/adapters/postgres/controller-term.ts';
import { createRetryRequests } from '../../../src/adapters/postgres/retry-request.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createProbeTable } from '../../support/database-probe.ts';
import { openQueryPlans, recordStatements } from '../../support/query-plans.ts';
import {
  addMalls,
  aMallSync,
  anOutcome,
  aPeriod,
  aSpec,
  claim,
  complete,
  fail,
  lead,
  runOf,
} from './ledger-fixture.ts';

const MALLS = 200;

const db = await createTestDatabase();
await createProbeTable(db);
await addMalls(db, MALLS);
const plans = await openQueryPlans(db.url);
const all = Array.from({ length: MALLS }, (_, index) => index + 1);
const lost = { status: 'FAILED', reason: 'Lost', message: 'gone' } as const;

/** What only a replay and a reprocess ask. */
const LIST_REJECTS = 'entry.mall_id = mall_id.mall_id';
const CLEAR_REPLAYED = 'update mallsync.tb_coverage as known';
const BEGIN_READINGS = 'set reading = reading + 1';

test('every statement of the controller’s ledger is served by an index', async () => {
  const database = await db.open();
  const period = aPeriod();
  const { startDate, endDate } = period;
  const { requestId } = await createRetryRequests(database).create('plans', {
    kind: 'RESUME',
    domainType: 'MEMBER',
    startDate,
    endDate,
    pageSize: 1000,
    fingerprints: null,
    mallIds: [1, 2],
    requestedBy: 'kim',
    reason: '',
  });
  const spec = aSpec({ mallIds: [1, 2, 3], period });
  const [mallSync, replaying, reprocessing] = [aMallSync({ retryRequestId: requestId }), aMallSync(), aMallSync()];
  const ran = await recordStatements(async () => {
    const ledger = await lead(database, 'plans');
    await readEpoch(database, 'plans');
    const state = await ledger.admit(mallSync, spec);
    const [one, two, three] = [1, 2, 3].map((mallId) => runOf(state, mallId).executionId);
    await ledger.markLaunched([{ executionId: one ?? 0, jobName: 'job' }]);
    await ledger.loadWaiting(10);
    await ledger.listOwners();
    await complete(database, one ?? 0, { withReject: true });
    await fail(database, two ?? 0);
    await claim(database, three ?? 0);
    await ledger.recordOutcomes(mallSync.uid, [
      anOutcome(one ?? 0, { lagSeconds: 1 }),
      anOutcome(three ?? 0, { end: lost }),
    ]);
    await ledger.admit(mallSync, { ...spec, attemptCount: 2 });
    const replay = await ledger.admit(replaying, { ...spec, mallIds: [1], replay: { fingerprints: [] } });
    const { executionId } = await claim(database, runOf(replay, 1).executionId);
    await ledger.recordOutcomes(replaying.uid, [anOutcome(executionId, { end: lost })]);
    await ledger.admit(reprocessing, { ...spec, mallIds: [1], reprocess: true, reason: 'again' });
    await ledger.reportRequest(requestId);
    await ledger.stopAll(mallSync.uid, 'deleted');
  });
  const names = [LIST_REJECTS, CLEAR_REPLAYED, BEGIN_READINGS].map((text) =>
    ran.some((each) => each.text.includes(text)),
  );
  expect(names).toEqual([true, true, true]);
  const scans: string[] = [];
  for (const statement of ran) scans.push(...(await plans.listWholeTableScans(statement)));
  expect(scans).toEqual([]);
});

async function countQueries(work: () => Promise<unknown>): Promise<number> {
  const send = vi.spyOn(Client.prototype, 'query');
  await work();
  const count = send.mock.calls.length;
  send.mockRestore();
  return count;
}

test('two hundred malls take as many statements as one', async () => {
  const database = await db.open();
  const ledger = await lead(database, 'counts');
  const countOf = async (mallIds: readonly number[]) => {
    const spec = aSpec({ mallIds });
    const mallSync = aMallSync();
    const admitting = await countQueries(() => ledger.admit(mallSync, spec));
    const { runs } = await ledger.load(mallSync.uid);
    const launches = runs.map(({ executionId }) => ({ executionId, jobName: `job-${executionId}` }));
    const launching = await countQueries(() => ledger.markLaunched(launches));
    const outcomes = runs.map(({ executionId }) => anOutcome(executionId, { end: lost, lagSeconds: 1 }));
    const recording = await countQueries(() => ledger.recordOutcomes(mallSync.uid, outcomes));
    const again = await countQueries(() => ledger.admit(mallSync, { ...spec, attemptCount: 2 }));
    const stopping = await countQueries(() => ledger.stopAll(mallSync.uid, 'deleted'));
    const loading = await countQueries(() => ledger.load(mallSync.uid));
    return { admitting, launching, recording, again, stopping, loading };
  };
  const one = await countOf([1]);
  expect(await countOf(all)).toEqual(one);
  expect(one.loading).toBe(1);
});
