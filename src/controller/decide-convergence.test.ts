import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLive } from '../domain/execution.ts';
import type { ControllerWorld, WorldOptions } from '../../test/support/controller-world.ts';
import { buildEnd, buildJob, createControllerWorld } from '../../test/support/controller-world.ts';
import { isWorthSaving } from './status.ts';

/** Everything that may happen to a MallSync, its runs and its Jobs; `pick` chooses the run, the Job or the amount. */
const EVENTS = {
  reconcile: (world, pick) => world.reconcile(pick % 2 === 0 ? undefined : pick % 5),
  reconcileAgain: (world) => world.reconcile(),
  launch: (world) => world.launch(),
  launchAndCrash: (world) => world.launch(true),
  deliver: (world, pick) => world.deliver(pick),
  deliverAll: (world) => world.deliver(),
  passTime: (world, pick) => world.advance([100, 1_000, 20_000, 130_000, 400_000][pick % 5] ?? 0),
  suspend: (world, pick) => world.editSpec({ suspend: pick % 2 === 0 }),
  cancel: (world, pick) => (pick === 0 ? world.editSpec({ cancel: true }) : undefined),
  raiseAttempt: (world) => world.editSpec({ attemptCount: (world.mallSync.spec.attemptCount ?? 1) + 1 }),
  deleteMallSync: (world, pick) => (pick === 0 ? world.deleteMallSync() : undefined),
  claim: (world, pick) =>
    world.editRun(pick, (run) => {
      if (isLive(run.status)) run.status = pick % 2 === 0 ? 'RUNNING' : 'WAITING';
    }),
  complete: (world, pick) => settleRun(world, pick, pick % 2 === 0 ? 'COMPLETED' : 'COMPLETED_WITH_REJECTS'),
  fail: (world, pick) => settleRun(world, pick, 'FAILED'),
  stopByHand: (world, pick) => settleRun(world, pick, pick % 2 === 0 ? 'STOPPED' : 'ABANDONED'),
  letGo: (world, pick) =>
    world.editRun(pick, (run) => {
      if (isLive(run.status)) run.lastReason = 'UpstreamUnavailable';
    }),
  completeJob: (world, pick) => endJob(world, pick, 'complete'),
  failJob: (world, pick) => endJob(world, pick, 'failed'),
  deleteJob: (world, pick) => world.editJob(pick, (job) => void (job.isDeleting = true)),
  stripJob: (world, pick) => world.editJob(pick, (job) => void (job.hasOutcomeFinalizer = false)),
  suspendJob: (world, pick) => world.editJob(pick, (job) => void (job.isSuspended = !job.isSuspended)),
  copyJob: (world, pick) => copyJob(world, pick),
  addForeignJob: (world, pick) =>
    world.addJob(buildJob({ name: `foreign-${pick}`, executionId: 900 + pick, createdAtMs: world.nowMs() })),
  blockImage: (world, pick) => world.troublePod(pick, 'ImagePull'),
} satisfies Record<string, (world: ControllerWorld, pick: number) => void>;

function settleRun(
  world: ControllerWorld,
  pick: number,
  status: 'COMPLETED' | 'COMPLETED_WITH_REJECTS' | 'FAILED' | 'STOPPED' | 'ABANDONED',
): void {
  world.editRun(pick, (run) => {
    const isRunning = run.status !== 'REQUESTED' || status === 'STOPPED' || status === 'ABANDONED';
    if (!isLive(run.status) || !isRunning) return;
    run.status = status;
    run.endedAtMs = world.nowMs();
    run.counters = { read: 5, inserted: 2, updated: 1, unchanged: 2, rejected: 0 };
  });
}

function endJob(world: ControllerWorld, pick: number, kind: 'complete' | 'failed'): void {
  world.editJob(pick, (job) => {
    job.end ??= buildEnd(kind, { atMs: world.nowMs() });
  });
}

/** Somebody writes a Job's manifest back under another name. */
function copyJob(world: ControllerWorld, pick: number): void {
  const job = [...world.jobs.values()][pick % Math.max(1, world.jobs.size)];
  if (job === undefined || job.name.startsWith('foreign')) return;
  const run = world.runs.find(({ executionId }) => executionId === job.executionId);
  if (run?.jobName !== job.name) return;
  world.addJob({ ...job, name: `copy-of-${job.name}`, createdAtMs: world.nowMs() });
}

type EventName = keyof typeof EVENTS;

const NAMES = Object.keys(EVENTS) as readonly EventName[];
/** What carries a MallSync on comes oftener than what disturbs it. */
const DRIVERS: readonly EventName[] = ['reconcile', 'reconcileAgain', 'launch', 'deliverAll', 'claim', 'complete'];

const anyEvents = fc.array(
  fc.record({
    name: fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom(...DRIVERS)),
    pick: fc.integer({ min: 0, max: 5 }),
  }),
  { maxLength: 60, size: 'max' },
);

const anyOptions = fc.record({
  mallIds: fc.constantFrom([], [1], [1, 2, 3], [1, 2, 3, 4, 5]),
  parallelism: fc.integer({ min: 1, max: 4 }),
  completeElsewhere: fc.constantFrom<readonly number[]>([], [2]),
  runningElsewhere: fc.constantFrom<readonly number[]>([], [3]),
});

type Events = readonly { readonly name: EventName; readonly pick: number }[];

/** Every state that some sequence of events leads to. */
function play(
  options: WorldOptions,
  events: Events,
  afterEach: (world: ControllerWorld) => void = () => undefined,
): ControllerWorld {
  const world = createControllerWorld(options);
  for (const { name, pick } of events) {
    EVENTS[name](world, pick);
    afterEach(world);
  }
  return world;
}

/** Nothing disturbs any more: processes do their work, except that one of three never ends; the cache is fresh. */
function calm(world: ControllerWorld): void {
  world.editSpec({ suspend: false });
  for (let minute = 0; minute < 15; minute++) {
    world.deliver();
    world.launch();
    for (const [index, run] of world.runs.entries()) {
      const job = [...world.jobs.values()].find(({ executionId }) => executionId === run.executionId);
      if (job === undefined || job.isDeleting || job.end !== null) continue;
      world.editRun(index, (each) => {
        if (each.status === 'REQUESTED') each.status = 'RUNNING';
      });
      settleRun(world, index, 'COMPLETED');
      if (run.executionId % 3 !== 0) endJob(world, [...world.jobs.keys()].indexOf(job.name), 'complete');
    }
    world.deliver();
    world.reconcile();
    world.advance(60_000);
  }
  world.deliver();
}

function expectSoundStatus(world: ControllerWorld): void {
  const { status } = world.look();
  const { total, ...standings } = status.malls;
  expect(Object.values(standings).reduce((sum, count) => sum + count, 0)).toBe(total);
  expect(status.conditions.map(({ type }) => type)).toEqual(['Admitted', 'Progressing', 'Succeeded', 'Degraded']);
  expect(status.conditions[2]?.status === 'Unknown').toBe(status.completionTime === undefined);
  const failedIds = status.failures.map(({ mallId }) => mallId);
  expect(failedIds).toEqual([...failedIds].sort((a, b) => a - b));
  expect(failedIds.length).toBe(Math.min(20, standings.failed + standings.refused));
  for (const condition of status.conditions) {
    const before = world.mallSync.status?.conditions.find(({ type }) => type === condition.type);
    const isKept = before?.lastTransitionTime === condition.lastTransitionTime;
    if (before?.status === condition.status) expect(isKept).toBe(true);
    expect(condition.reason).toMatch(/^[A-Z][A-Za-z]+$/);
  }
}

describe('decide, in any state that can be reached', { timeout: 60_000 }, () => {
  it('never lets a Job go before its outcome is recorded, records nothing twice, and always settles', () => {
    fc.assert(
      fc.property(anyOptions, anyEvents, (options, events) => {
        const world = play(options, events);
        calm(world);
        expect(world.runs.filter((each) => isLive(each.status) || !each.isRecorded)).toEqual([]);
        expect([...world.jobs.values()].filter((job) => job.hasOutcomeFinalizer)).toEqual([]);
        if (!world.mallSync.isDeleting) expect(world.mallSync.status?.completionTime).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  it('always has counts that add up and dated conditions, all four', () => {
    fc.assert(
      fc.property(anyOptions, anyEvents, (options, events) => {
        play(options, events, expectSoundStatus);
      }),
      { numRuns: 50 },
    );
  });

  it('wants nothing more and says nothing new once a MallSync has ended, until its time is over', () => {
    fc.assert(
      fc.property(anyOptions, anyEvents, (options, events) => {
        const world = play(options, events);
        calm(world);
        const { status: saved } = world.mallSync;
        world.advance(60_000);
        const { actions, notices, status } = world.look();
        expect(actions).toEqual([]);
        if (world.mallSync.isDeleting || saved === null) return;
        expect(isWorthSaving(saved, status)).toBe(false);
        expect(notices).toEqual([]);
        world.advance(world.mallSync.spec.ttlSecondsAfterFinished * 1_000);
        expect(world.look().actions).toEqual([{ kind: 'delete-mall-sync' }]);
      }),
    );
  });

  it('writes to the ledger once for what it sees: a second look at the same state wants no more of it', () => {
    fc.assert(
      fc.property(anyOptions, anyEvents, (options, events) => {
        const world = play(options, events);
        world.reconcile();
        const kinds = world.look().actions.map(({ kind }) => kind);
        expect(kinds.filter((kind) => ['admit', 'mark-launched', 'record'].includes(kind))).toEqual([]);
      }),
    );
  });

  it('has a written status that stays as it is while nothing happens', () => {
    fc.assert(
      fc.property(anyOptions, anyEvents, (options, events) => {
        const world = play(options, events);
        world.deliver();
        world.reconcile();
        world.deliver();
        const { status, notices } = world.look();
        if (world.mallSync.status === null) throw new Error('no status was written');
        expect(isWorthSaving(world.mallSync.status, status)).toBe(false);
        expect(notices).toEqual([]);
      }),
    );
  });

  it('never has two runs of a mall alive, nor a Job of a run that had one', () => {
    fc.assert(
      fc.property(anyOptions, anyEvents, (options, events) => {
        const launched = new Set<number>();
        play(options, events, (world) => {
          const live = world.runs.filter(({ status }) => isLive(status)).map(({ mallId }) => mallId);
          expect(new Set(live).size).toBe(live.length);
          for (const { executionId, launchedAtMs } of world.runs) {
            if (launchedAtMs !== null) launched.add(executionId);
          }
          const unlaunched = world.runs.filter((each) => launched.has(each.executionId) && each.launchedAtMs === null);
          expect(unlaunched).toEqual([]);
        });
      }),
    );
  });

  it('looks again in time for what only time can change', () => {
    fc.assert(
      fc.property(anyOptions, anyEvents, (options, events) => {
        const world = play(options, events);
        world.reconcile();
        const { requeueAfterMs, status } = world.look();
        const isHeld = world.mallSync.spec.suspend && status.malls.active === 0;
        if (status.completionTime === undefined && !isHeld) expect(requeueAfterMs).not.toBeNull();
        if (requeueAfterMs !== null) expect(requeueAfterMs).toBeGreaterThan(0);
      }),
    );
  });
});
