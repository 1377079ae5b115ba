import { beforeAll, describe, expect, test } from 'vitest';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import type { ControllerLedger } from '../../../src/controller/controller-ledger.ts';
import type { LedgerState } from '../../../src/controller/run.ts';
import { LeaseLostError } from '../../../src/domain/errors.ts';
import type { ClaimedExecution } from '../../../src/domain/execution.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aPage, aRejectedRow, aRequest, aRow, createProbeTable, probeStore } from '../../support/database-probe.ts';
import { createRandom } from '../../support/fault-random.ts';
import { addMalls, aMallSync, anOutcome, aPeriod, aSpec, claim, lead } from './ledger-fixture.ts';

const MALLS = 200;
const ROUNDS = 15;

const db = await createTestDatabase();
await createProbeTable(db);
let databases: readonly [Database, Database];
let ledgers: readonly [ControllerLedger, ControllerLedger];

beforeAll(async () => {
  await addMalls(db, MALLS);
  databases = [
    await db.open({ writerConnections: 2, poolSize: 4 }),
    await db.open({ writerConnections: 2, poolSize: 4 }),
  ];
  ledgers = [await lead(databases[0], 'one'), await lead(databases[1], 'two')];
});

const lost = { status: 'FAILED', reason: 'Lost', message: 'gone' } as const;

const all = Array.from({ length: MALLS }, (_, index) => index + 1);

/** Every mall has one winner, and whoever came second says who that is. */
async function expectOneWinnerEach(states: readonly LedgerState[]): Promise<void> {
  const runs = states.flatMap((state) => state.runs);
  const wanted = new Set(states.flatMap((state) => state.malls?.map(({ mallId }) => mallId) ?? []));
  expect(runs.map(({ mallId }) => mallId).toSorted((a, b) => a - b)).toEqual([...wanted].toSorted((a, b) => a - b));
  for (const { malls, runs: own } of states) {
    for (const { mallId, result, reason, message } of malls ?? []) {
      const winner = runs.find((run) => run.mallId === mallId);
      if (own.some((run) => run.mallId === mallId)) expect(result).toBe('ADMITTED');
      else {
        expect([result, reason]).toEqual(['REFUSED', 'DuplicateRefused']);
        expect(message).toContain(`(execution ${winner?.executionId}, MallSync `);
      }
    }
  }
}

test('two installations that admit the same malls at once never both get one', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const spec = aSpec({ mallIds: all });
    const states = await Promise.all(ledgers.map((ledger) => ledger.admit(aMallSync(), spec)));
    await expectOneWinnerEach(states);
  }
});

test('many MallSyncs of overlapping malls, new and known ones mixed, neither share a mall nor meet a deadlock', async () => {
  const random = createRandom(7);
  for (let round = 0; round < ROUNDS; round++) {
    const period = aPeriod();
    const known = all.filter(() => random() < 0.5);
    const first = aMallSync();
    const { runs } = await ledgers[0].admit(first, aSpec({ period, mallIds: known }));
    await ledgers[0].recordOutcomes(
      first.uid,
      runs.map(({ executionId }) => anOutcome(executionId, { end: lost })),
    );
    const states = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? ledgers[0] : ledgers[1]).admit(
          aMallSync(),
          aSpec({ period, mallIds: all.filter(() => random() < 0.6) }),
        ),
      ),
    );
    await expectOneWinnerEach(states);
  }
});

test('local runs that begin at the same time get some of the malls, and never one that is taken', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const spec = aSpec({ mallIds: all });
    const [state, ...locals] = await Promise.all([
      ledgers[0].admit(aMallSync(), spec),
      ...all
        .filter((mallId) => mallId % 10 === 0)
        .toReversed()
        .map((mallId) => admitExecution(databases[1], aRequest({ mallId, period: spec.period }))),
    ]);
    const won = locals.filter((admission) => admission.kind === 'admitted').length;
    expect(state.runs).toHaveLength(MALLS - won);
    expect(state.malls?.filter(({ message }) => message?.includes('a local run'))).toHaveLength(won);
    const live = await db.query(
      `select instance_id from mallsync.tb_batch_execution_summary join mallsync.tb_batch_job_instance using (instance_id)
       where period = tstzrange(to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000))`,
      [spec.period.fromMs, spec.period.untilMs],
    );
    expect(live).toHaveLength(MALLS);
  }
});

describe('one MallSync', () => {
  test('that is admitted ten times at once is admitted once', async () => {
    const mallSync = aMallSync();
    const spec = aSpec({ mallIds: all });
    const busy = await db.open({ writerConnections: 10 });
    const ledger = await lead(busy, 'ten times');
    const states = await Promise.all(Array.from({ length: 10 }, () => ledger.admit(mallSync, spec)));
    for (const state of states) expect(state).toEqual(states[0]);
    expect(states[0]?.runs).toHaveLength(MALLS);
  });

  test('whose launches, outcomes and end meet each other and the pages of its runs is not in its own way', async () => {
    const busy = await db.open({ writerConnections: 20 });
    const ledger = await lead(busy, 'busy');
    for (let round = 0; round < ROUNDS; round++) {
      const mallSync = aMallSync();
      const { runs } = await ledger.admit(mallSync, aSpec({ mallIds: all }));
      const ids = runs.map(({ executionId }) => executionId);
      const backwards = ids.toReversed();
      const reading = [3, 30, 60, 90, 120, 150, 180].flatMap((index) => backwards.slice(index, index + 1));
      const claimed = await Promise.all(reading.map((executionId) => claim(busy, executionId)));
      const pages = claimed.map((execution) => commitRejects(busy, execution));
      const fail = (part: readonly number[]) =>
        ledger.recordOutcomes(
          mallSync.uid,
          part.map((executionId) => anOutcome(executionId, { end: lost })),
        );
      const [stopped] = await Promise.all([
        ledger.stopAll(mallSync.uid, 'deleted'),
        ledger.markLaunched(ids.map(toLaunch)),
        ledger.markLaunched(backwards.map(toLaunch)),
        fail(ids.slice(0, 100)),
        fail(backwards.slice(50)),
        ...pages,
      ]);
      const state = await ledger.load(mallSync.uid);
      const failed = state.runs.filter(({ status }) => status === 'FAILED').length;
      expect(state.runs.every(({ isRecorded }) => isRecorded)).toBe(true);
      expect(failed + stopped).toBe(MALLS);
    }
  });
});

function toLaunch(executionId: number) {
  return { executionId, jobName: `job-${executionId}` };
}

/** Page after page of rejected rows until the run is ended under it, as it is sure to be. */
async function commitRejects(database: Database, execution: ClaimedExecution): Promise<void> {
  const engine = createLedger({ database, store: probeStore });
  const { fromMs, untilMs } = execution.period;
  const commitAll = async () => {
    await engine.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
    await engine.openWindow(execution, 1, 1);
    for (let offset = 0; ; offset++) {
      const page = aPage([aRow(`1|${offset}`)], { offset, nextOffset: offset + 1, rejected: [aRejectedRow()] });
      await engine.commitPage(execution, page);
    }
  };
  await expect(commitAll()).rejects.toBeInstanceOf(LeaseLostError);
}
