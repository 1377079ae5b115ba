import { afterAll, describe, expect, test } from 'vitest';
import type { FaultPlan } from '../../support/fault-points.ts';
import { openFaultLane } from './fault-lane.ts';
import { SCENARIOS, type FaultScenario } from './fault-scenarios.ts';
import { listTrials, playTrials } from './play-plans.ts';

const LANES = 8;
const TIMEOUT_MS = 1_800_000;

/** Before anything is created they are the same steps in every scenario. */
const BEGINNING = /^(list \w+|watch \w+|draw-epoch|connect to listen)$/;
/** Of the loop that looks for retry requests, with no bearing on anything else. */
const REQUESTS = /^(select|update|with) /;

/** What is the same in all scenarios is tried in one of them. */
function isOwn({ point }: FaultPlan, { name }: FaultScenario): boolean {
  if (REQUESTS.test(point.key)) return name === 'request';
  // a transaction that breaks off leaves nothing, wherever it was
  const isAlike = point.kind === 'statement' || point.kind === 'event-write';
  if (isAlike && name !== 'life' && point.ordinal > 1) return false;
  return name === 'life' || !BEGINNING.test(point.key) || point.ordinal > 1;
}

describe('the controller, whatever becomes of any one of its calls', async () => {
  const lanes = await Promise.all(Array.from({ length: LANES }, openFaultLane));
  afterAll(() => Promise.all(lanes.map((lane) => lane.close())), TIMEOUT_MS);

  test('completes every execution once and tells of it', { timeout: TIMEOUT_MS }, async () => {
    const { trials, failures } = await listTrials(lanes, SCENARIOS, isOwn);
    const tally = await playTrials(lanes, trials);
    process.stdout.write(`fault points: ${tally.struck} calls x faults (${tally.missed.length} were not met again)\n`);
    expect([...failures, ...tally.failures].join('\n\n')).toBe('');
    expect(tally.missed.length).toBeLessThan(trials.length / 10);
    expect(tally.struck).toBeGreaterThan(1_000);
  });
});
