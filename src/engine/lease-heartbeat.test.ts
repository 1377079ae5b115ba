import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../domain/clock.ts';
import { LeaseLostError, TransientError } from '../domain/errors.ts';
import type { ClaimedExecution } from '../domain/execution.ts';
import { parsePeriod } from '../domain/period.ts';
import { startHeartbeat } from './lease-heartbeat.ts';

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

/** Each sleep lasts one turn of the event loop; `delaysMs` keeps what was asked for. */
function aTurnClock(): Clock & { delaysMs: number[] } {
  const delaysMs: number[] = [];
  return {
    delaysMs,
    nowMs: () => 0,
    monotonicMs: () => 0,
    async sleep(delayMs, signal) {
      delaysMs.push(delayMs);
      await nextTurn();
      signal.throwIfAborted();
    },
  };
}

function start(renew: () => Promise<void>, isWaiting = () => false) {
  const clock = aTurnClock();
  const lost: Error[] = [];
  const states: string[] = [];
  const heartbeat = startHeartbeat(execution, 30, {
    leases: {
      renew: (_execution, state) => {
        states.push(state);
        return renew();
      },
    },
    clock,
    isWaiting,
    onWaiting: () => undefined,
    onLost: (error) => lost.push(error),
  });
  return { heartbeat, clock, lost, states };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

describe('the heartbeat', () => {
  it('renews at a third of the lease until it is stopped', async () => {
    const { heartbeat, clock, states } = start(() => Promise.resolve());
    await turns(8);
    await heartbeat.stop();
    const renewals = states.length;
    await turns(4);
    expect(renewals).toBeGreaterThan(1);
    expect(states).toHaveLength(renewals);
    expect(new Set(clock.delaysMs)).toEqual(new Set([10_000]));
  });

  it('stores that the run is waiting', async () => {
    const { heartbeat, states } = start(
      () => Promise.resolve(),
      () => true,
    );
    await turns(4);
    await heartbeat.stop();
    expect(states[0]).toBe('WAITING');
  });

  it('goes on after a renewal that could not reach the database', async () => {
    const { heartbeat, states, lost } = start(() => Promise.reject(new TransientError('DatabaseUnavailable', 'down')));
    await turns(8);
    await heartbeat.stop();
    expect(states.length).toBeGreaterThan(1);
    expect(lost).toEqual([]);
  });

  it('reports a lost lease once and ends', async () => {
    const { heartbeat, states, lost } = start(() => Promise.reject(new LeaseLostError('taken over')));
    await turns(8);
    await heartbeat.stop();
    expect(lost).toHaveLength(1);
    expect(states).toHaveLength(1);
  });
});
