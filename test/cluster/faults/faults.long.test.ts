import { afterAll, describe, expect, test } from 'vitest';
import { openFaultLane } from './fault-lane.ts';
import { SCENARIOS } from './fault-scenarios.ts';
import { listTrials, playTrials } from './play-plans.ts';

const LANES = Number(process.env['LANES'] ?? 6);
const TIMEOUT_MS = 900_000;

describe('every call of the controller meets every fault that it can meet', async () => {
  const lanes = await Promise.all(Array.from({ length: LANES }, openFaultLane));
  afterAll(() => Promise.all(lanes.map((lane) => lane.close())), TIMEOUT_MS);

  test('and all comes to its end once', { timeout: TIMEOUT_MS }, async () => {
    const wanted = process.env['ONLY'];
    const began = performance.now();
    const { trials, failures } = await listTrials(
      lanes,
      SCENARIOS.filter(({ name }) => wanted === undefined || wanted.split(',').includes(name)),
    );
    console.log(trials.length, 'trials', Math.round(performance.now() - began), 'ms');
    const every = Number(process.env['EVERY'] ?? 1);
    const { struck, missed, failures: more } = await playTrials(lanes, trials.filter((_, i) => i % every === 0));
    console.log(missed.join('\n'));
    console.log(`fault points: ${struck} calls x faults tried, ${missed.length} missed, ${Math.round(performance.now() - began)} ms`);
    expect([...failures, ...more].join('\n\n')).toBe('');
  });
});
