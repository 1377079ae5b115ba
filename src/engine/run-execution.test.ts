import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Clock } from '../domain/clock.ts';
import { TerminalError } from '../domain/errors.ts';
import type { ClaimedExecution } from '../domain/execution.ts';
import { parsePeriod } from '../domain/period.ts';
import { createRunMeter } from './call-meter.ts';
import type { RunPorts } from './run-context.ts';
import { DEFAULT_RUN_SETTINGS, runExecution } from './run-execution.ts';

const execution: ClaimedExecution = {
  executionId: 1,
  instanceId: 1,
  mallId: 1,
  domainType: 'MEMBER',
  period: parsePeriod('2025-12-01T00:00:00', '2025-12-02T00:00:00'),
  pageSize: 1_000,
  attemptCount: 1,
  mode: 'RESUME',
  trigger: 'MANUAL',
  reading: 1,
  fenceToken: 1,
};

/** Each sleep lasts one turn of the event loop, so that a heartbeat which is not stopped beats on. */
const turnClock: Clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  async sleep(_, signal) {
    await nextTurn();
    signal.throwIfAborted();
  },
};

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

it('renews the lease while it runs and no more once the execution is released', async () => {
  const acts: string[] = [];
  const ports = {
    ledger: {
      async loadWindows() {
        await turns(10);
        throw new TerminalError('Bug', 'a defect');
      },
      addCosts: async () => undefined,
      async releaseExecution() {
        acts.push('release');
        await turns(10);
      },
    },
    leases: {
      async renew() {
        acts.push('renew');
      },
    },
    clock: turnClock,
    random: () => 0,
    meter: createRunMeter(turnClock),
    observer: {},
  };
  const never = new AbortController().signal;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what a failing run asks for
  const result = await runExecution(execution, ports as unknown as RunPorts<unknown>, DEFAULT_RUN_SETTINGS, never);
  expect(result).toMatchObject({ kind: 'live', exitCode: 70 });
  expect(acts.slice(0, -1)).toContain('renew');
  expect(acts.indexOf('release')).toBe(acts.length - 1);
});
