import { beforeAll, describe, expect, test } from 'vitest';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import type { ControllerLedger } from '../../../src/controller/controller-ledger.ts';
import type { MallSyncSpec } from '../../../src/controller/mall-sync.ts';
import type { LedgerState, Run } from '../../../src/controller/run.ts';
import { LeaseLostError } from '../../../src/domain/errors.ts';
import type { ClaimedExecution } from '../../../src/domain/execution.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aPage, aRejectedRow, aRequest, aRow, createProbeTable, probeStore } from '../../support/database-probe.ts';
import { createRandom } from '../../support/fault-random.ts';
import { addMalls, aMallSync, anOutcome, aPeriod, aSpec, claim, lead } from './ledger-fixture.ts';

const MALLS = 200;
const ROUNDS = 5;

const db = await createTestDatabase();
await createProbeTable(db);
let databases: readonly [Database, Database];
let ledgers: readonly [ControllerLedger, ControllerLedger];

beforeAll(async () => {
  await addMalls(db, MALLS);
  databases = [await db.open({ writerConnections: 4 }), await db.open({ writerConnections: 4, poolSize: 4 })];
  ledgers = [await lead(databases[0], 'one'), await lead(databases[1], 'two')];
});

const lost = { status: 'FAILED', reason: 'Lost', message: 'gone' } as const;

const all = Array.from({ length: MALLS }, (_, index) => index + 1);

/** What contradicts that every mall has one winner, and that whoever came second says who that is. */
function listContradictions(states: readonly LedgerState[]): readonly string[] {
  const runs = states.flatMap((state) => state.runs);
  const found: string[] = [];
  for (const mallId of new Set(states.flatMap((state) => state.malls?.map((mall) => mall.mallId) ?? []))) {
    const [winner, ...others] = runs.filter((run) => run.mallId === mallId);
    if (winner === undefined || others.length > 0) found.push(`mall ${mallId} has ${others.length} winners too many`);
    for (const { malls, runs: own } of states) {
      const record = malls?.find((mall) => mall.mallId === mallId);
      if (record === undefined) continue;
      const { result, reason, message } = record;
      const isRight = own.some((run) => run.mallId === mallId)
        ? result === 'ADMITTED'
        : result === 'REFUSED' &&
          reason === 'DuplicateRefused' &&
          message?.includes(`(execution ${winner?.executionId}, MallSync `);
      if (isRight !== true) found.push(`mall ${mallId} is told ${result} ${reason} ${message}`);
    }
  }
  return found;
}

test('two installations that admit the same malls at once never both get one', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const spec = aSpec({ mallIds: all });
    const states = await Promise.all(ledgers.map((ledger) => ledger.admit(aMallSync(), spec)));
    expect(listContradictions(states)).toEqual([]);
  }
});

test('many MallSyncs of overlapping malls, new and known ones mixed, neither share a mall nor meet a deadlock', async () => {
  const random = createRandom(7);
  for (let round = 0; round < ROUNDS; round++) {
    const period = aPeriod();
    const known = all.filter(() => random() < 0.5);
    await admitFailed(aSpec({ period, mallIds: known }));
    const states = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? ledgers[0] : ledgers[1]).admit(
          aMallSync(),
          aSpec({ period, mallIds: all.filter(() => random() < 0.6) }),
        ),
      ),
    );
    expect(listContradictions(states)).toEqual([]);
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
    const runs = states[0]?.runs ?? [];
    await ledger.recordOutcomes(
      mallSync.uid,
      runs.map(({ executionId }) => anOutcome(executionId, { end: lost })),
    );
    const raised = { ...spec, attemptCount: 2 };
    const again = await Promise.all(Array.from({ length: 10 }, () => ledger.admit(mallSync, raised)));
    for (const { malls, runs: both } of again) {
      expect(new Set(malls?.map(({ result }) => result))).toEqual(new Set(['ADMITTED']));
      expect(both).toHaveLength(2 * MALLS);
    }
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

test('outcomes of the same malls in two periods, noted at once, wait for each other at most', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const noted = await Promise.all(
      ledgers.map(async (ledger) => {
        const mallSync = aMallSync();
        const { runs } = await ledger.admit(mallSync, aSpec({ mallIds: all }));
        await readWhole(mallSync.uid);
        const outcomes = runs.map(({ executionId }) => anOutcome(executionId, { end: lost, disagreement: 'x' }));
        return () => ledger.recordOutcomes(mallSync.uid, outcomes);
      }),
    );
    const states = await Promise.all(noted.map((record) => record()));
    expect(states.flatMap(({ runs }) => runs.filter(({ isRecorded }) => isRecorded))).toHaveLength(2 * MALLS);
  }
});

describe('a mall that is held up in the middle of many', () => {
  /** As many as show a wrong order of locks for sure, be it a random one. */
  const TRIES = 7;

  test('lets two admissions wait for each other at most', async () => {
    for (let tries = 0; tries < TRIES; tries++) {
      const period = aPeriod();
      const runs = await admitFailed(aSpec({ period, mallIds: all }));
      const { instanceId } = runs[MALLS / 2] ?? {};
      const states = await hold(
        `select 1 from mallsync.tb_batch_job_instance where instance_id = ${instanceId} for no key update`,
        2,
        () => Promise.all(ledgers.map((ledger) => ledger.admit(aMallSync(), aSpec({ period, mallIds: all })))),
      );
      expect(listContradictions(states)).toEqual([]);
    }
  });

  test('lets launches, outcomes and the end of its runs wait for each other at most', async () => {
    const [ledger] = ledgers;
    for (let tries = 0; tries < TRIES; tries++) {
      const mallSync = aMallSync();
      const { runs } = await ledger.admit(mallSync, aSpec({ mallIds: all }));
      const ids = runs.map(({ executionId }) => executionId);
      const backwards = ids.toReversed();
      await hold(
        `select 1 from mallsync.tb_batch_execution_summary where execution_id = ${ids[MALLS / 2]} for no key update`,
        3,
        () =>
          Promise.all([
            ledger.markLaunched(backwards.map(toLaunch)),
            ledger.recordOutcomes(
              mallSync.uid,
              backwards.map((executionId) => anOutcome(executionId, { end: lost })),
            ),
            ledger.stopAll(mallSync.uid, 'deleted'),
          ]),
      );
      expect((await ledger.load(mallSync.uid)).runs.filter(({ isRecorded }) => isRecorded)).toHaveLength(MALLS);
    }
  });

  test('lets outcomes that enter the error log wait for each other at most', async () => {
    for (let tries = 0; tries < TRIES; tries++) {
      const noted = await Promise.all(
        ledgers.map(async (ledger) => {
          const mallSync = aMallSync();
          const { runs } = await ledger.admit(mallSync, aSpec({ mallIds: all }));
          const outcomes = runs.map(({ executionId }) => anOutcome(executionId, { end: lost }));
          return () => ledger.recordOutcomes(mallSync.uid, outcomes);
        }),
      );
      const lock = `select pg_advisory_xact_lock(hashtextextended('mallsync error log ${MALLS / 2} MEMBER', 0))`;
      const states = await hold(lock, 2, () => Promise.all(noted.map((record) => record())));
      expect(states.flatMap(({ runs }) => runs.filter(({ isRecorded }) => isRecorded))).toHaveLength(2 * MALLS);
    }
  });
});

test('an admission that comes while another one is being written waits for it and says whose it is', async () => {
  const period = aPeriod();
  const [run] = await admitFailed(aSpec({ period, mallIds: [1] }));
  const rival = `with held as (select instance_id from mallsync.tb_batch_job_instance
      where instance_id = ${run?.instanceId} for no key update)
    insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
      attempt_count, reading, trigger, installation_id, mallsync_uid, mallsync_name)
    select instance_id, 1, 'MEMBER', '', '', 1000, 2, 1, 'MANUAL', 'one', 'rival', 'rival' from held`;
  const state = await hold(rival, 1, () => ledgers[1].admit(aMallSync(), aSpec({ period, mallIds: [1, 2] })));
  expect(state.malls).toMatchObject([
    { result: 'REFUSED', message: expect.stringContaining('as attempt 2 (execution') },
    { result: 'ADMITTED' },
  ]);
});

/** Runs of instances that are known from now on, and may be attempted again. */
async function admitFailed(spec: MallSyncSpec): Promise<readonly Run[]> {
  const mallSync = aMallSync();
  const { runs } = await ledgers[0].admit(mallSync, spec);
  await ledgers[0].recordOutcomes(
    mallSync.uid,
    runs.map(({ executionId }) => anOutcome(executionId, { end: lost })),
  );
  return runs;
}

/** Does `work` while a transaction that ran `sql` is open, until as many as `waiting` wait for a lock. */
async function hold<T>(sql: string, waiting: number, work: () => Promise<T>): Promise<T> {
  const holder = await databases[0].connectDirect();
  try {
    await holder.query('begin');
    await holder.query(sql);
    const working = work();
    working.catch(() => undefined);
    for (let found = 0; found < waiting;) {
      found = (
        await db.query(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
      ).length;
    }
    await holder.query('commit');
    return await working;
  } finally {
    await holder.end();
  }
}

/** As if every run of it had read its period in one window. */
async function readWhole(mallSyncUid: string): Promise<void> {
  await db.query(
    `with started as (
       update mallsync.tb_batch_execution_summary set started_at = now() where mallsync_uid = $1
       returning instance_id, execution_id, mall_id)
     insert into mallsync.tb_batch_window (instance_id, reading, n, mall_id, domain_type, bounds, shop_no, date_type,
       state, execution_id)
     select instance_id, 1, 1, mall_id, 'MEMBER', period, 1, 'join', 'COMPLETE', execution_id
     from started join mallsync.tb_batch_job_instance using (instance_id, mall_id)`,
    [mallSyncUid],
  );
}

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
