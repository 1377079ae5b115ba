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
const ROUNDS = 8;

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

test('outcomes that enter the error log at once wait for each other at most', async () => {
  const noted = await Promise.all(
    ledgers.map(async (ledger) => {
      const mallSync = aMallSync();
      const { runs } = await ledger.admit(mallSync, aSpec({ mallIds: all }));
      const outcomes = runs.map(({ executionId }) => anOutcome(executionId, { end: lost }));
      return () => ledger.recordOutcomes(mallSync.uid, outcomes);
    }),
  );
  const page = await databases[0].connectDirect();
  try {
    await page.query('begin');
    // a page of mall 100 is being written, so that both have come as far as they can before they go on
    await page.query(`select pg_advisory_xact_lock(hashtextextended('mallsync error log 100 MEMBER', 0))`);
    const recording = Promise.all(noted.map((record) => record()));
    recording.catch(() => undefined);
    await untilWaiting(2);
    await page.query('commit');
    const states = await recording;
    expect(states.flatMap(({ runs }) => runs.filter(({ isRecorded }) => isRecorded))).toHaveLength(2 * MALLS);
  } finally {
    await page.end();
  }
});

async function untilWaiting(count: number): Promise<void> {
  for (;;) {
    const waiting = await db.query(`select 1 from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`);
    if (waiting.length >= count) return;
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
