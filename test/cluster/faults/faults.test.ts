import { afterAll, describe, expect, test } from 'vitest';
import type { FaultPlan } from '../../support/fault-points.ts';
import { openFaultLane } from './fault-lane.ts';
import { SCENARIOS } from './fault-scenarios.ts';
import { listTrials, playTrials } from './play-plans.ts';

const LANES = 6;
const TIMEOUT_MS = 300_000;

/** Where something is done that cannot be undone: what must not happen twice, or be forgotten. */
const CORE: Readonly<Record<string, readonly string[]>> = {
  'create mallsyncs #1': ['crash after', 'answer lost'],
  'create jobs #1': ['crash after', 'answer lost', 'a rival leads'],
  'patch jobs #1': ['crash before', 'answer lost', 'a rival leads'],
  'delete jobs #1': ['crash after', '409'],
  'patch mallsyncs/status #3': ['crash after'],
  'commit after mark-launched #1': ['crash before', 'connection lost after commit'],
  'commit after load-mallsync #1': ['connection lost after commit'],
  'commit after load-mallsync #2': ['crash after'],
  'commit after find-mallsync-request #1': ['crash after'],
  'event of jobs #3': ['dropped'],
  'event of jobs #4': ['delayed'],
  'event of mallsyncs #3': ['410', 'delayed'],
};

function isCore({ point, fault }: FaultPlan): boolean {
  return CORE[`${point.key} #${point.ordinal}`]?.includes(fault.name) ?? false;
}

describe('the controller, whatever becomes of what it cannot undo', async () => {
  const lanes = await Promise.all(Array.from({ length: LANES }, openFaultLane));
  afterAll(() => Promise.all(lanes.map((lane) => lane.close())), TIMEOUT_MS);

  test('completes every execution once and tells of it', { timeout: TIMEOUT_MS }, async () => {
    const { trials, failures } = await listTrials(lanes, SCENARIOS, isCore);
    const { struck, missed, failures: others } = await playTrials(lanes, trials);
    expect([...failures, ...others].join('\n\n')).toBe('');
    expect(struck + missed.length).toBe(trials.length);
    expect(struck).toBeGreaterThan(45);
  });
});
