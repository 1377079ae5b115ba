import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LaunchQueue } from './launch-plan.ts';
import { planLaunches } from './launch-plan.ts';

function buildQueue(name: string, overrides: Partial<LaunchQueue> & { readonly base?: number }): LaunchQueue {
  const { base = 0, ...rest } = overrides;
  const waiting = rest.waiting ?? 0;
  const next = Array.from({ length: waiting }, (_, index) => {
    const executionId = base + index + 1;
    return { executionId, instanceId: executionId, mallId: executionId, attemptCount: 1, pageSize: 1_000 };
  });
  return {
    name,
    uid: `uid-${name}`,
    priority: 0,
    createdAtMs: 0,
    parallelism: 20,
    isHeld: false,
    active: 0,
    waiting,
    next,
    ...rest,
  };
}

function listNames(queues: readonly LaunchQueue[], limit: number, active = 0): readonly string[] {
  return planLaunches(queues, { limit, active }).launches.map(({ mallSyncUid }) => mallSyncUid.slice(4));
}

const anyQueues = fc
  .array(
    fc.record({
      priority: fc.integer({ min: -1, max: 1 }),
      createdAtMs: fc.integer({ min: 0, max: 3 }),
      parallelism: fc.integer({ min: 1, max: 6 }),
      isHeld: fc.boolean(),
      active: fc.integer({ min: 0, max: 7 }),
      waiting: fc.integer({ min: 0, max: 8 }),
      hidden: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 6 },
  )
  .map((drafts) =>
    drafts.map(({ hidden, ...draft }, index) => {
      const queue = buildQueue(`q${index}`, { ...draft, base: index * 100 });
      return { ...queue, waiting: queue.waiting + hidden };
    }),
  );

const anyLimits = fc.record({ limit: fc.integer({ min: 0, max: 30 }), elsewhere: fc.integer({ min: 0, max: 3 }) });

describe('planLaunches', () => {
  it('gives MallSyncs of one priority a Job each in turn, the oldest first', () => {
    const old = buildQueue('old', { createdAtMs: 1, waiting: 3 });
    const young = buildQueue('young', { createdAtMs: 2, waiting: 3 });
    expect(listNames([young, old], 5)).toEqual(['old', 'young', 'old', 'young', 'old']);
  });

  it('gives a place that has become free to the MallSync with the fewest Jobs', () => {
    const old = buildQueue('old', { createdAtMs: 1, active: 19, waiting: 50, parallelism: 30 });
    const young = buildQueue('young', { createdAtMs: 2, active: 10, waiting: 50, parallelism: 30 });
    expect(listNames([old, young], 30, 29)).toEqual(['young']);
  });

  it('serves a higher priority first, and lower ones with what its parallelism leaves', () => {
    const night = buildQueue('night', { createdAtMs: 1, waiting: 9 });
    const rerun = buildQueue('rerun', { createdAtMs: 2, waiting: 9, priority: 100, parallelism: 2 });
    expect(listNames([night, rerun], 4)).toEqual(['rerun', 'rerun', 'night', 'night']);
  });

  it('launches nothing of a held MallSync and nothing when the installation is full', () => {
    const held = buildQueue('held', { waiting: 5, isHeld: true });
    const free = buildQueue('free', { waiting: 5 });
    expect(listNames([held, free], 3)).toEqual(['free', 'free', 'free']);
    expect(listNames([held, free], 3, 4)).toEqual([]);
  });

  it('counts who takes the next places before a MallSync does', () => {
    const rerun = buildQueue('rerun', { priority: 100, active: 3, waiting: 9, parallelism: 5 });
    const old = buildQueue('old', { createdAtMs: 1, active: 2, waiting: 4 });
    const young = buildQueue('young', { createdAtMs: 2, active: 2, waiting: 4 });
    const { ahead } = planLaunches([young, old, rerun], { limit: 7, active: 7 });
    expect(Object.fromEntries(ahead)).toEqual({ 'uid-rerun': 0, 'uid-old': 2, 'uid-young': 3 });
  });

  it('holds every limit, takes the runs in their order and leaves no place free that could be filled', () => {
    fc.assert(
      fc.property(anyQueues, anyLimits, (queues, { limit, elsewhere }) => {
        const active = elsewhere + queues.reduce((sum, queue) => sum + queue.active, 0);
        const { launches } = planLaunches(queues, { limit, active });
        expect(launches.length).toBeLessThanOrEqual(Math.max(0, limit - active));
        let launchable = 0;
        for (const queue of queues) {
          const mine = launches.filter(({ mallSyncUid }) => mallSyncUid === queue.uid).map(({ run }) => run);
          expect(mine).toEqual(queue.next.slice(0, mine.length));
          const room = queue.isHeld ? 0 : Math.max(0, queue.parallelism - queue.active);
          expect(mine.length).toBeLessThanOrEqual(room);
          launchable += Math.min(room, queue.next.length);
        }
        expect(launches.length).toBe(Math.min(launchable, Math.max(0, limit - active)));
      }),
    );
  });

  it('never serves a lower priority, or one with more Jobs of the same, while another could be served', () => {
    fc.assert(
      fc.property(anyQueues, fc.integer({ min: 0, max: 20 }), (queues, free) => {
        const jobs = new Map(queues.map((queue) => [queue.uid, { active: queue.active, launched: 0 }]));
        for (const { mallSyncUid } of planLaunches(queues, { limit: free, active: 0 }).launches) {
          const chosen = queues.find(({ uid }) => uid === mallSyncUid);
          const mine = jobs.get(mallSyncUid);
          if (chosen === undefined || mine === undefined) throw new Error('a launch of nobody');
          for (const rival of queues) {
            const its = jobs.get(rival.uid);
            if (its === undefined || rival.isHeld || its.launched >= rival.next.length) continue;
            if (its.active >= rival.parallelism) continue;
            expect(rival.priority).toBeLessThanOrEqual(chosen.priority);
            if (rival.priority === chosen.priority) expect(its.active).toBeGreaterThanOrEqual(mine.active);
          }
          mine.active += 1;
          mine.launched += 1;
        }
      }),
    );
  });

  it('says as many are ahead as are really served before, place by place', () => {
    fc.assert(
      fc.property(anyQueues, (drafts) => {
        const queues = drafts.map((queue) => ({ ...queue, waiting: queue.next.length }));
        const { ahead } = planLaunches(queues, { limit: 0, active: 0 });
        const order = planLaunches(queues, { limit: 1_000, active: 0 }).launches;
        for (const queue of queues) {
          const first = order.findIndex(({ mallSyncUid }) => mallSyncUid === queue.uid);
          if (first >= 0) expect(ahead.get(queue.uid)).toBe(first);
        }
      }),
    );
  });
});
