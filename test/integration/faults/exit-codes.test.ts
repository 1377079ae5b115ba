import { afterAll, expect, test, vi } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { isPageFrom } from '../../support/fault-gate.ts';
import { expectTruth, listExecutionRows, type ExecutionRow } from '../../support/fault-ledger.ts';
import { HOLDER_LEASE_SECONDS, openFaultWorld, type FaultMall } from '../../support/fault-world.ts';
import type { Finished } from '../../support/program.ts';
import { beforeEndOf, killHard, until } from '../../support/process-signals.ts';

vi.setConfig({ testTimeout: 120_000 });
const db = await createTestDatabase();
const world = await openFaultWorld(db.url);
afterAll(() => world.close());

interface Ending {
  readonly exitCode: number;
  readonly title: string;
  /** Ends a `sync` of each mall with the code, and takes away what made it. */
  readonly provoke: (malls: readonly FaultMall[]) => Promise<readonly Finished[]>;
  /** What the process left in the ledger. */
  readonly left: Partial<ExecutionRow>;
  /** Live: the same attempt is gone on with. Else a new attempt is. */
  readonly isLeftLive: boolean;
}

function syncAll(malls: readonly FaultMall[]): Promise<readonly Finished[]> {
  return Promise.all(malls.map((mall) => world.sync({ mall })));
}

/** While `spoil` holds for all malls. */
function whileSpoilt(spoil: (mall: FaultMall) => void): Ending['provoke'] {
  return async (malls) => {
    for (const mall of malls) spoil(mall);
    const finished = await syncAll(malls);
    for (const { cafe24MallId } of malls) world.simulator.control.clearFaults(cafe24MallId);
    return finished;
  };
}

/** While the database is not as the program knows it. */
function whileAltered(alter: string, restore: string): Ending['provoke'] {
  return async (malls) => {
    await world.query(alter);
    return await syncAll(malls).finally(() => world.query(restore));
  };
}

/** Another session keeps the table for itself for longer than the program waits for a lock. */
async function whileTableIsLocked(malls: readonly FaultMall[]): Promise<readonly Finished[]> {
  const client = await world.connect();
  await client.query('begin');
  await client.query('lock table mallsync.tb_erased_member in access exclusive mode');
  return await syncAll(malls).finally(() => client.query('rollback'));
}

async function whileHeld(malls: readonly FaultMall[]): Promise<readonly Finished[]> {
  const gate = await world.openGate();
  const leaseSeconds = HOLDER_LEASE_SECONDS;
  gate.hold(isPageFrom(0));
  const holders = malls.map((mall) => world.startSync({ mall, gate, leaseSeconds }));
  await Promise.all(holders.map((holder, index) => beforeEndOf(holder, untilHeld(malls[index]))));
  const finished = await Promise.all(malls.map((mall) => world.sync({ mall, leaseSeconds })));
  await Promise.all(holders.map(killHard));
  return finished;
}

async function stopAll(malls: readonly FaultMall[]): Promise<readonly Finished[]> {
  const gate = await world.openGate();
  gate.hold(isPageFrom(0));
  const started = malls.map((mall) => world.startSync({ mall, gate }));
  await Promise.all(started.map((sync, index) => beforeEndOf(sync, untilHeld(malls[index]))));
  for (const sync of started) sync.process.kill('SIGTERM');
  return await Promise.all(started.map((sync) => sync.finished));
}

async function untilHeld(mall: FaultMall | undefined): Promise<void> {
  if (mall === undefined) throw new Error('a mall is missing');
  await until('the claim', async () => (await listExecutionRows(world, mall))[0]?.is_held);
}

const LIVE = { status: 'RUNNING', exit_code: null, failure_reason: null };

const ENDINGS: readonly Ending[] = [
  {
    exitCode: 65,
    title: 'an answer of an unknown form',
    provoke: whileSpoilt(({ cafe24MallId }) =>
      world.simulator.control.addFault(cafe24MallId, { endpoint: 'customersprivacy', kind: 'wrong-shape' }),
    ),
    left: { status: 'FAILED', exit_code: 65, failure_reason: 'UpstreamContract', is_held: false },
    isLeftLive: false,
  },
  {
    exitCode: 75,
    title: 'an execution that another process holds',
    provoke: whileHeld,
    left: { ...LIVE, last_reason: null, fence_token: 1 },
    isLeftLive: true,
  },
  {
    exitCode: 77,
    title: 'a scope that the mall has not granted',
    provoke: whileSpoilt(({ cafe24MallId }) =>
      world.simulator.control.addFault(cafe24MallId, { endpoint: 'customersprivacy', kind: 'scope-403' }),
    ),
    left: { status: 'FAILED', exit_code: 77, failure_reason: 'PermissionDenied', is_held: false },
    isLeftLive: false,
  },
  {
    exitCode: 143,
    title: 'SIGTERM',
    provoke: stopAll,
    left: { ...LIVE, last_reason: 'Stopped', is_held: false },
    isLeftLive: true,
  },
  {
    exitCode: 69,
    title: 'a database that does not answer in time',
    provoke: whileTableIsLocked,
    left: { ...LIVE, last_reason: 'DatabaseUnavailable', is_held: false },
    isLeftLive: true,
  },
  {
    exitCode: 70,
    title: 'a column that is not where the program knows it',
    provoke: whileAltered(
      'alter table mallsync.tb_member rename column nick_name to alias',
      'alter table mallsync.tb_member rename column alias to nick_name',
    ),
    left: { ...LIVE, last_reason: 'Bug', is_held: false },
    isLeftLive: true,
  },
  {
    exitCode: 78,
    title: 'a table that is not there',
    provoke: whileAltered(
      'alter table mallsync.tb_member rename to tb_member_gone',
      'alter table mallsync.tb_member_gone rename to tb_member',
    ),
    left: { status: 'FAILED', exit_code: 78, failure_reason: 'ConfigInvalid', is_held: false },
    isLeftLive: false,
  },
];

const COMPLETED = { status: 'COMPLETED', exit_code: 0, failure_reason: null };

async function expectToBeFoundAndEnded({ exitCode, provoke, left, isLeftLive }: Ending): Promise<void> {
  const [forSync, forRun] = [await world.addMall({ membersPerDay: 50 }), await world.addMall({ membersPerDay: 50 })];
  for (const finished of await provoke([forSync, forRun])) expect(finished).toMatchObject({ exitCode });
  for (const mall of [forSync, forRun]) expect(await listExecutionRows(world, mall)).toMatchObject([left]);

  const leaseSeconds = HOLDER_LEASE_SECONDS;
  const [refusedAttempt, nextAttempt] = isLeftLive ? [2, 1] : [1, 2];
  const [refused, run] = await Promise.all([
    world.sync({ mall: forSync, attemptCount: refusedAttempt }),
    world.run({ mall: forRun, leaseSeconds }),
  ]);
  expect(refused).toMatchObject({ exitCode: 64 });
  expect(JSON.parse(refused.stdout)).toMatchObject({ failureReason: 'DuplicateRefused' });
  expect(run).toMatchObject({ exitCode: 0 });
  expect(await listExecutionRows(world, forSync)).toHaveLength(1);

  expect(await world.sync({ mall: forSync, attemptCount: nextAttempt, leaseSeconds })).toMatchObject({ exitCode: 0 });
  for (const mall of [forSync, forRun]) {
    const rows = await listExecutionRows(world, mall);
    expect(rows).toMatchObject(isLeftLive ? [{ ...COMPLETED, fence_token: 2 }] : [left, COMPLETED]);
    await expectTruth(world, mall);
  }
}

test.each(ENDINGS)('`sync` and `run` find what $exitCode by $title has left, and end it', expectToBeFoundAndEnded);

test.each([
  { status: 'COMPLETED', poison: {} },
  { status: 'COMPLETED_WITH_REJECTS', poison: { members: { perDay: 2, kinds: ['bad-date' as const] } } },
])('`sync` of any attempt and `run` find what 0 has left as $status, and call nothing', async ({ status, poison }) => {
  const mall = await world.addMall({ membersPerDay: 50, poison });
  expect(await world.sync({ mall })).toMatchObject({ exitCode: 0 });
  const gate = await world.openGate();
  const again = await Promise.all([
    world.sync({ mall, gate }),
    world.sync({ mall, gate, attemptCount: 2 }),
    world.run({ mall, gate }),
  ]);
  expect(again.map((finished) => finished.exitCode)).toEqual([0, 0, 0]);
  for (const { stdout } of again) expect(stdout).toMatch(/"alreadyComplete": ?true/);
  expect(gate.calls).toEqual([]);
  expect(await listExecutionRows(world, mall)).toMatchObject([{ status, exit_code: 0, fence_token: 1 }]);
  await expectTruth(world, mall);
});

test('64 leaves nothing, and the next one begins at the beginning', async () => {
  const mall = await world.addMall({ membersPerDay: 50 });
  const endDate = `${new Date().getUTCFullYear() + 1}-01-02T00:00:00`;
  expect(await world.sync({ mall, endDate })).toMatchObject({ exitCode: 64 });
  expect(await listExecutionRows(world, mall)).toEqual([]);
  expect(await world.run({ mall, attemptCount: 1 })).toMatchObject({ exitCode: 0 });
  expect(await listExecutionRows(world, mall)).toMatchObject([{ attempt_count: 1, status: 'COMPLETED' }]);
  await expectTruth(world, mall);
});
