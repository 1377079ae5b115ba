import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { ControllerTerm } from '../../../src/adapters/postgres/controller-term.ts';
import { drawEpoch } from '../../../src/adapters/postgres/controller-term.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import type { ScheduleWatch } from '../../../src/commands/controller/schedule-watch.ts';
import { checkSchedule } from '../../../src/commands/controller/schedule-watch.ts';
import type { Notice } from '../../../src/controller/cluster.ts';
import type { MallSync } from '../../../src/controller/mall-sync.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { LeaseLostError } from '../../../src/domain/errors.ts';
import { parseSeoulTime } from '../../../src/domain/seoul-time.ts';
import { createTestDatabase } from '../../support/database.ts';
import { setDatabaseClock } from '../../support/shifted-clock.ts';
import { totalOf } from './ledger-fixture.ts';

const HOUR_MS = 3_600_000;
const MIDNIGHT = parseSeoulTime('2025-12-18T00:00:00') ?? 0;

const db = await createTestDatabase();
let database: Database;
let term: ControllerTerm;
let told: (readonly [string, Notice])[];

beforeAll(async () => {
  await setDatabaseClock(db, MIDNIGHT + HOUR_MS);
  database = await db.open();
});

beforeEach(async () => {
  await db.query('truncate mallsync.tb_mallsync, mallsync.tb_missed_slot, mallsync.tb_metric_total cascade');
  term = { database, installationId: 'here', epoch: await drawEpoch(database, 'here', 'test') };
  told = [];
});

function watch(overrides: Partial<ScheduleWatch> = {}): ScheduleWatch {
  return {
    term,
    schedule: '0 0 * * *',
    view: { listMallSyncs: () => [] },
    recorder: { record: ({ name }, notice) => told.push([name, notice]) },
    clock: systemClock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    ...overrides,
  };
}

async function addExpanded(name: string, installationId = 'here'): Promise<void> {
  await db.query(
    `insert into mallsync.tb_mallsync (mallsync_uid, installation_id, namespace, name) values ($1, $2, 'batch', $3)`,
    [`${installationId} ${name}`, installationId, name],
  );
}

function aMallSync(name: string, createdAtMs: number): MallSync {
  return {
    name,
    uid: `uid of ${name}`,
    generation: 1,
    resourceVersion: '1',
    createdAtMs,
    isDeleting: false,
    retryRequestId: null,
    spec: null,
    fault: null,
    status: null,
  };
}

it('counts a night that did not begin once, whoever leads, and tells it by the newest that did', async () => {
  await addExpanded('nightly-member-20251214');
  const mallSyncs = [
    aMallSync('nightly-order-20251215', MIDNIGHT - 48 * HOUR_MS),
    aMallSync('nightly-sales-20251214', MIDNIGHT - 72 * HOUR_MS),
    aMallSync('nightly-is-mine', MIDNIGHT),
  ];
  const view = { listMallSyncs: () => mallSyncs };
  const missed = await checkSchedule(watch({ view }));
  expect(missed.map(({ night }) => night)).toEqual(['20251216', '20251217']);
  expect(told).toMatchObject([
    ['nightly-order-20251215', { type: 'Warning', message: expect.stringContaining('20251216, 20251217') }],
  ]);
  expect(await checkSchedule(watch({ view }))).toEqual([]);
  term = { ...term, epoch: await drawEpoch(database, 'here', 'another') };
  expect(await checkSchedule(watch({ view }))).toEqual([]);
  expect(told).toHaveLength(1);
  expect(await totalOf(db, 'schedule_missed_total')).toBe(2);
});

it('knows nights by the ledger when their MallSyncs are gone, and only those of its own installation', async () => {
  await addExpanded('nightly-member-20251215');
  await addExpanded('nightly-order-20251216');
  await addExpanded('nightly-order-20251217', 'elsewhere');
  expect((await checkSchedule(watch())).map(({ night }) => night)).toEqual(['20251217']);
});

it('goes by the database’s clock', async () => {
  await addExpanded('nightly-member-20251216');
  const slow = { ...systemClock, nowMs: () => MIDNIGHT - 48 * HOUR_MS };
  expect((await checkSchedule(watch({ clock: slow }))).map(({ night }) => night)).toEqual(['20251217']);
});

it('counts nothing once another leads', async () => {
  await addExpanded('nightly-member-20251216');
  await drawEpoch(database, 'here', 'another');
  await expect(checkSchedule(watch())).rejects.toThrow(LeaseLostError);
  expect(await totalOf(db, 'schedule_missed_total')).toBe(0);
  expect(await db.query('select from mallsync.tb_missed_slot')).toHaveLength(0);
});
