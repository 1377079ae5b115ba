import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { SimulatedMall } from '../../src/simulator/mall.ts';
import { createTestDatabase } from '../support/database.ts';
import {
  expectPagesCountedOnce,
  expectTruth,
  listExecutionRows,
  sumTruth,
  type TruthPeriod,
} from '../support/fault-ledger.ts';
import { chooseFaultSeed, createRandom, type Random } from '../support/fault-random.ts';
import { openFaultWorld, type FaultMall, type SyncWish } from '../support/fault-world.ts';
import { beforeEndOf, killHard, until } from '../support/process-signals.ts';
import type { Started } from '../support/program.ts';

const db = await createTestDatabase();
const world = await openFaultWorld(db.url);
afterAll(() => world.close());

const seed = chooseFaultSeed();
const KILLS = 50;
const STOPS = 24;
const LONGEST_LIFE_MS = 700;

/** Page transactions take a while, so that a part of the kills falls into them. */
await world.query(`
  create function public.fault_slow_page() returns trigger language plpgsql as $$
    begin perform pg_sleep(0.03); return new; end $$;
  create trigger fault_slow_page before insert on mallsync.tb_batch_window_page
    for each row execute function public.fault_slow_page()`);

interface Lane {
  readonly domainType: 'MEMBER' | 'ORDER';
  readonly pageSize: number;
  readonly mall: Partial<SimulatedMall>;
}

const SHOPS = [{ shopNo: 1 }, { shopNo: 2 }, { shopNo: 3 }];

const LANES: readonly Lane[] = [
  {
    domainType: 'MEMBER',
    pageSize: 20,
    mall: {
      shops: SHOPS,
      membersPerDay: 600,
      poison: { members: { perDay: 6, kinds: ['bad-date', 'too-long', 'duplicate-in-page'] } },
    },
  },
  // more than one window may hold, so that kills also meet the split
  { domainType: 'MEMBER', pageSize: 300, mall: { membersPerDay: 9_000 } },
  { domainType: 'ORDER', pageSize: 20, mall: { shops: SHOPS.slice(0, 2), ordersPerDay: 500 } },
];

/** Ends a process before its time; false when it had come to its end by itself. */
type Cut = (sync: Started, mall: FaultMall) => Promise<boolean>;

async function stopGently(sync: Started, mall: FaultMall): Promise<boolean> {
  sync.process.kill('SIGTERM');
  const { exitCode } = await sync.finished;
  if (exitCode === 0) return false;
  expect(exitCode).toBe(143);
  const rows = await listExecutionRows(world, mall);
  expect(rows.at(-1)).toMatchObject({ is_held: false, last_reason: 'Stopped', exit_code: null });
  return true;
}

interface LaneEnd {
  readonly lane: Lane;
  readonly mall: FaultMall;
  readonly periods: readonly TruthPeriod[];
  readonly cuts: number;
}

/** Cuts one process after the other short until the share is met, then lets the last period come to its end. */
async function runLane(lane: Lane, cut: Cut, share: number, random: Random): Promise<LaneEnd> {
  const mall = await world.addMall(lane.mall);
  const periods = [await fetchFirstPair(mall, lane)];
  let cuts = 0;
  for (let day = 1; cuts < share; day += 1) {
    const period = { startDate: toTime(day), endDate: toTime(day + 1) };
    periods.push(period);
    cuts += await cutUntilComplete({ ...lane, ...period, mall }, cut, share - cuts, random);
  }
  return { lane, mall, periods, cuts };
}

/**
 * The day before the first is read whole. A kill between the API's rotation of a pair and its keeping costs a new consent,
 * whatever a client does (Cafe24's refresh tokens serve once): the tests of tokens are about that, these are not.
 */
async function fetchFirstPair(mall: FaultMall, wish: Pick<SyncWish, 'domainType' | 'pageSize'>): Promise<TruthPeriod> {
  const period = { startDate: toTime(0), endDate: toTime(1) };
  expect(await world.sync({ ...wish, ...period, mall })).toMatchObject({ exitCode: 0 });
  return period;
}

function toTime(day: number): string {
  return `${new Date(Date.UTC(2025, 0, day)).toISOString().slice(0, 10)}T00:00:00`;
}

async function cutUntilComplete(wish: SyncWish, cut: Cut, most: number, random: Random): Promise<number> {
  for (let cuts = 0; ;) {
    const fenceBefore = await sumFences(wish.mall);
    const sync = world.startSync(wish);
    let isOver = false;
    void sync.finished.then(() => (isOver = true));
    await until('the claim', async () => isOver || (await sumFences(wish.mall)) > fenceBefore);
    if (cuts < most) await sleep(random() * LONGEST_LIFE_MS);
    if (cuts < most && (await cut(sync, wish.mall))) {
      cuts += 1;
      continue;
    }
    expect(await sync.finished).toMatchObject({ exitCode: 0 });
    return cuts;
  }
}

async function sumFences(mall: FaultMall): Promise<number> {
  return (await listExecutionRows(world, mall)).reduce((sum, { fence_token: fence }) => sum + fence, 0);
}

async function expectWhole({ lane, mall, periods }: LaneEnd): Promise<void> {
  await expectTruth(world, mall, lane.domainType, periods);
  const executions = await listExecutionRows(world, mall);
  expect(executions.map(({ attempt_count: attempt }) => attempt)).toEqual(periods.map(() => 1));
  for (const { status } of executions) expect(status).toMatch(/^COMPLETED(_WITH_REJECTS)?$/);
  const { listed } = await sumTruth(world, mall, lane.domainType, periods);
  expect(executions.reduce((sum, { read }) => sum + read, 0)).toBe(listed);
  const [windows] = await world.query<{ pages: number; rereads: number }>(
    `select sum(ceil(rows_seen / $2::numeric))::integer as pages, sum(rereads)::integer as rereads
     from mallsync.tb_batch_window where mall_id = $1`,
    [mall.mallId, lane.pageSize],
  );
  expect(windows).toEqual({ pages: executions.reduce((sum, { pages }) => sum + pages, 0), rereads: 0 });
}

test.each([
  { title: 'kills', cut: killHard, count: KILLS },
  { title: 'stops', cut: stopGently, count: STOPS },
])(`$count $title at random points cost nothing but time (seed ${seed})`, async ({ cut, count }) => {
  const share = (lane: number): number => Math.floor((count + lane) / LANES.length);
  const ends = await Promise.all(LANES.map((lane, n) => runLane(lane, cut, share(n), createRandom(seed + n))));
  expect(ends.reduce((sum, { cuts }) => sum + cuts, 0)).toBe(count);
  for (const end of ends) await expectWhole(end);
  await expectPagesCountedOnce(world);
  const repeated = 'select row_key, times from mallsync.tb_batch_error_log where times <> 1';
  expect(await world.query(repeated)).toEqual([]);
});

test(`a run of many malls that is killed and stopped again and again ends whole (seed ${seed})`, async () => {
  const random = createRandom(seed + LANES.length);
  // 480 pages of at least 30 ms on two threads outlast six lives, however fast the machine is
  const rows = { membersPerDay: 1_200, ordersPerDay: 1_200 };
  const malls = await Promise.all(Array.from({ length: 4 }, () => world.addMall(rows)));
  const first = await Promise.all(malls.map((mall) => fetchFirstPair(mall, { domainType: 'MEMBER', pageSize: 20 })));
  const ids = malls.map(({ mallId }) => mallId).join(',');
  const period = { startDate: toTime(1), endDate: toTime(2) };
  const flags = `--malls ${ids} --domain MEMBER,ORDER --page-size 20 --threads 2`;
  const args = `run --json ${flags} --start ${period.startDate} --end ${period.endDate}`.split(' ');
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGTERM'] as const) {
    const before = await countPages(malls);
    const run = world.start(args);
    await beforeEndOf(
      run,
      until('pages of this run', async () => (await countPages(malls)) > before),
    );
    await sleep(random() * LONGEST_LIFE_MS);
    run.process.kill(signal);
    const { exitCode } = await run.finished;
    expect(exitCode).toBe(signal === 'SIGTERM' ? 143 : null);
  }
  expect(await world.start(args).finished).toMatchObject({ exitCode: 0 });
  for (const [n, mall] of malls.entries()) {
    await expectTruth(world, mall, 'MEMBER', [first[n] ?? period, period]);
    await expectTruth(world, mall, 'ORDER', [period]);
    const executions = await listExecutionRows(world, mall);
    const whole = { status: 'COMPLETED', attempt_count: 1, read: 1_200, pages: 60 };
    expect(executions).toMatchObject([whole, whole, whole]);
  }
  await expectPagesCountedOnce(world);
});

async function countPages(malls: readonly FaultMall[]): Promise<number> {
  const rows = (await Promise.all(malls.map((mall) => listExecutionRows(world, mall)))).flat();
  return rows.reduce((sum, { pages }) => sum + pages, 0);
}
