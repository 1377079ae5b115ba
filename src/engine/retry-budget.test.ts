import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { systemClock } from '../domain/clock.ts';
import { TerminalError, TransientError } from '../domain/errors.ts';
import { createRunMeter } from './call-meter.ts';
import type { RetrySettings } from './retry-budget.ts';
import { createRetryBudget, toDelayMs } from './retry-budget.ts';

const SETTINGS: RetrySettings = { failuresWithoutProgress: 3, firstDelayMs: 100, longestDelayMs: 1_000 };
const never = new AbortController().signal;

function aBudget() {
  const clock = createManualClock();
  const meter = createRunMeter(clock);
  const retried: Error[] = [];
  const budget = createRetryBudget(SETTINGS, {
    clock,
    meter,
    random: () => 1,
    onRetry: (error) => retried.push(error),
  });
  return { budget, clock, meter, retried };
}

const transient = () => new TransientError('UpstreamUnavailable', 'answered 503');

describe('the retry budget', () => {
  it('repeats what is transient, with growing delays, and counts them as waits', async () => {
    const { budget, clock, meter } = aBudget();
    let tries = 0;
    const result = await budget.run(() => {
      tries += 1;
      return tries < 4 ? Promise.reject(transient()) : Promise.resolve('done');
    }, never);
    expect(result).toBe('done');
    expect(clock.delaysMs).toEqual([100, 200, 400]);
    expect(meter.drain().waits).toEqual([{ cause: 'retry', waitMs: 700 }]);
  });

  it('ends with the last error when it is spent', async () => {
    const { budget, retried } = aBudget();
    await expect(budget.run(() => Promise.reject(transient()), never)).rejects.toThrow('answered 503');
    expect(retried).toHaveLength(3);
  });

  it('is whole again after progress', async () => {
    const { budget, retried } = aBudget();
    for (let round = 0; round < 5; round += 1) {
      let tries = 0;
      await budget.run(() => {
        tries += 1;
        return tries < 4 ? Promise.reject(transient()) : Promise.resolve();
      }, never);
      budget.noteProgress();
    }
    expect(retried).toHaveLength(15);
  });

  it('repeats nothing that is terminal', async () => {
    const { budget, retried } = aBudget();
    const terminal = new TerminalError('UpstreamContract', 'no rows key');
    await expect(budget.run(() => Promise.reject(terminal), never)).rejects.toBe(terminal);
    expect(retried).toEqual([]);
  });

  it('counts operations that fail together once', async () => {
    const { budget } = aBudget();
    let isDown = true;
    const operations = Array.from({ length: 8 }, () =>
      budget.run(() => (isDown ? Promise.reject(transient()) : Promise.resolve('done')), never),
    );
    await Promise.resolve();
    isDown = false;
    expect(await Promise.all(operations)).toEqual(Array.from({ length: 8 }, () => 'done'));
  });

  it('lasts as long for many operations at once as for one', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    let draws = 0;
    const budget = createRetryBudget(SETTINGS, {
      clock: systemClock,
      meter: createRunMeter(systemClock),
      random: () => (draws++ * 0.37) % 1,
      onRetry: () => undefined,
    });
    const upFromMs = performance.now() + 300;
    const operations = Array.from({ length: 8 }, (_, index) =>
      budget.run(() => (performance.now() < upFromMs ? Promise.reject(transient()) : Promise.resolve(index)), never),
    );
    const ended = Promise.allSettled(operations);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await ended).map(({ status }) => status)).toEqual(operations.map(() => 'fulfilled'));
  });

  it('advises a smaller page after an error that asks for it', async () => {
    const { budget } = aBudget();
    const advised: boolean[] = [];
    await budget.run(({ isSmallerAdvised }) => {
      advised.push(isSmallerAdvised);
      return isSmallerAdvised
        ? Promise.resolve()
        : Promise.reject(new TransientError('UpstreamUnavailable', '504', { maySucceedSmaller: true }));
    }, never);
    expect(advised).toEqual([false, true]);
  });

  it('stops at once when the signal aborts', async () => {
    const { budget } = aBudget();
    const stop = new AbortController();
    const run = budget.run(() => {
      stop.abort(new Error('stopped'));
      return Promise.reject(transient());
    }, stop.signal);
    await expect(run).rejects.toThrow('stopped');
  });
});

describe('toDelayMs', () => {
  it('doubles up to the longest delay and never comes before what the error asks', () => {
    expect(toDelayMs(SETTINGS, 1, undefined, 1)).toBe(100);
    expect(toDelayMs(SETTINGS, 1, undefined, 0)).toBe(50);
    expect(toDelayMs(SETTINGS, 9, undefined, 1)).toBe(1_000);
    expect(toDelayMs(SETTINGS, 1, 5_000, 0)).toBe(5_000);
  });
});
