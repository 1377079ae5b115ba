import { describe, expect, it } from 'vitest';
import { systemClock } from '../../domain/clock.ts';
import { TransientError } from '../../domain/errors.ts';
import { createRunMeter } from '../../engine/call-meter.ts';
import type { RunMeter } from '../../engine/call-meter.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import type { ManualClock } from '../../../test/support/manual-clock.ts';
import { createPacer } from './pacer.ts';
import type { Pacer, PacerDependencies } from './pacer.ts';
import type { Permits, RateBudget, UsageReport } from '../../domain/rate-budget.ts';

const BUCKET = { endpoint: 'orders', size: 40, leakPerSecond: 2 };
const NEVER = new AbortController().signal;
const WAIT: Permits = { granted: 0, waitMs: 50, isQuota: false };

interface ScriptedBudget extends RateBudget {
  readonly wanted: number[];
  readonly reports: UsageReport[];
}

/** Answers in order, and grants everything when the script has ended. */
function createScriptedBudget(script: Permits[] = []): ScriptedBudget {
  const wanted: number[] = [];
  const reports: UsageReport[] = [];
  return {
    wanted,
    reports,
    async takePermits(_, _bucket, count) {
      wanted.push(count);
      return script.shift() ?? { granted: count, waitMs: 0, isQuota: false };
    },
    async reportUsage(_, _bucket, report) {
      reports.push(report);
    },
    async block() {},
  };
}

interface OpenPacer extends Pacer {
  readonly meter: RunMeter;
  readonly clock: ManualClock;
}

/** On a clock that sleeps in no time, so that delays are exact. */
function open(budget: RateBudget, change: Partial<PacerDependencies> = {}): OpenPacer {
  const clock = createManualClock();
  const meter = createRunMeter(clock);
  return { ...createPacer({ budget, mallId: 1, isBackfill: false, meter, clock, ...change }), meter, clock };
}

describe('waiting calls', () => {
  it('go in the order they came, a few for one question', async () => {
    const budget = createScriptedBudget([WAIT]);
    const pacer = open(budget);
    const order: number[] = [];
    const calls = [0, 1, 2, 3, 4, 5].map(async (n) => {
      await pacer.take(BUCKET, NEVER);
      order.push(n);
    });
    await Promise.all(calls);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(budget.wanted).toEqual([1, 4, 2]);
  });

  it('go on as soon as one permit is there, without waiting for the rest', async () => {
    const one: Permits = { granted: 1, waitMs: 0, isQuota: false };
    const pacer = open(createScriptedBudget([WAIT, one, { ...WAIT, waitMs: 300 }]));
    const goneAtMs: number[] = [];
    const take = async (): Promise<void> => {
      await pacer.take(BUCKET, NEVER);
      goneAtMs.push(pacer.clock.monotonicMs());
    };
    await Promise.all([take(), take()]);
    expect(goneAtMs).toEqual([50, 350]);
  });

  it('leave at once when their run stops, and hold up nobody behind them', async () => {
    const budget = createScriptedBudget([WAIT, WAIT]);
    const pacer = open(budget, { clock: systemClock });
    const stop = new AbortController();
    const stopped = pacer.take(BUCKET, stop.signal);
    const other = pacer.take(BUCKET, NEVER);
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    await other;
    expect(budget.wanted.at(-1)).toBe(1);
  });

  it('end the question when all of them have left', async () => {
    const budget = createScriptedBudget([{ granted: 0, waitMs: 20_000, isQuota: true }]);
    const pacer = open(budget, { clock: systemClock });
    const stop = new AbortController();
    const stopped = pacer.take(BUCKET, stop.signal);
    await expect.poll(() => budget.wanted.length).toBe(1);
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    await pacer.take(BUCKET, NEVER);
    expect(budget.wanted).toEqual([1, 1]);
  });

  it('all fail with the error of the budget, and the next call asks again', async () => {
    let isAway = true;
    const budget = createScriptedBudget();
    const takePermits: RateBudget['takePermits'] = (...asked) =>
      isAway ? Promise.reject(new Error('away')) : budget.takePermits(...asked);
    const pacer = open({ ...budget, takePermits });
    const calls = [pacer.take(BUCKET, NEVER), pacer.take(BUCKET, NEVER)];
    for (const call of calls) await expect(call).rejects.toThrow('away');
    isAway = false;
    await pacer.take(BUCKET, NEVER);
  });

  it('count as waiting for what holds them', async () => {
    const pacer = open(createScriptedBudget([WAIT, { ...WAIT, isQuota: true, waitMs: 80 }]));
    await pacer.take(BUCKET, NEVER);
    const waits = Object.fromEntries(pacer.meter.drain().waits.map((wait) => [wait.cause, wait.waitMs]));
    expect(waits).toEqual({ rate: 50, quota: 80 });
  });

  it('fail when patience ends: that for a quota is longer, and a back-fill has it for everything', async () => {
    const stuck: RateBudget = { ...createScriptedBudget(), takePermits: async () => ({ ...WAIT, waitMs: 20 }) };
    const blocked: RateBudget = { ...stuck, takePermits: async () => ({ ...WAIT, waitMs: 20, isQuota: true }) };
    const patience = { rateMs: 60, quotaMs: 200 };
    const failureOf = async (pacer: OpenPacer): Promise<unknown> => {
      const error: unknown = await pacer.take(BUCKET, NEVER).catch((thrown: unknown) => thrown);
      return [error instanceof TransientError && error.reason, pacer.clock.monotonicMs()];
    };
    expect(await failureOf(open(stuck, { patience }))).toEqual(['RateLimited', 60]);
    expect(await failureOf(open(blocked, { patience }))).toEqual(['QuotaExceeded', 200]);
    expect(await failureOf(open(stuck, { patience, isBackfill: true }))).toEqual(['RateLimited', 200]);
  });
});

describe('permits that nobody took', () => {
  const TWO: Permits = { granted: 2, waitMs: 0, isQuota: false };

  it('serve the next call while they are fresh', async () => {
    const budget = createScriptedBudget([TWO]);
    const pacer = open(budget);
    await pacer.take(BUCKET, NEVER);
    await pacer.take(BUCKET, NEVER);
    expect(budget.wanted).toEqual([1]);
  });

  it('are not used late', async () => {
    const budget = createScriptedBudget([TWO]);
    const pacer = open(budget);
    await pacer.take(BUCKET, NEVER);
    pacer.clock.advance(220);
    await pacer.take(BUCKET, NEVER);
    expect(budget.wanted).toEqual([1, 1]);
  });

  it('are thrown away when the endpoint or the mall is blocked', async () => {
    for (const endpoint of ['orders', '*']) {
      const budget = createScriptedBudget([TWO]);
      const pacer = open(budget);
      await pacer.take(BUCKET, NEVER);
      await pacer.block(endpoint, 1_000);
      await pacer.take(BUCKET, NEVER);
      expect(budget.wanted).toEqual([1, 1]);
    }
  });
});

describe('what answers say', () => {
  it('is stored now and then, and at once when it matters', async () => {
    const budget = createScriptedBudget();
    const pacer = open(budget);
    const report = (used: number, callUsagePercent = 1) =>
      pacer.report(BUCKET, { used, size: 40, callUsagePercent, timeUsagePercent: 0 });
    await report(1);
    await report(2);
    await report(40);
    await report(3);
    await report(4, 85);
    expect(budget.reports.map((stored) => stored.used)).toEqual([1, 40, 4]);
  });

  it('slows calls down when the quota is nearly used up', async () => {
    const pacer = open(createScriptedBudget());
    await pacer.report(BUCKET, { callUsagePercent: 84 });
    await pacer.take(BUCKET, NEVER);
    expect(pacer.clock.delaysMs).toEqual([200]);
  });
});
