import { expect, test } from 'vitest';
import { createClusterWorld } from '../support/cluster-world.ts';
import { AT_ONCE, awaitLead, awaitUrl, isFinished } from '../support/leader-scene.ts';
import { readSeries, sumBy } from '../support/metrics-text.ts';

const MALLS = 100;
const MOST_CALLS_A_RUN = 2.5;
/** Nothing but the Lease is written whole. */
const VERB_OF_LEASE = 'PUT';

const world = await createClusterWorld();

test('a mall run takes few calls to the API server', async () => {
  await world.startKubelet({ play: () => ({ runMs: 200 }) });
  const controller = world.startController(AT_ONCE);
  const url = await awaitUrl(controller);
  await awaitLead(controller);
  const countCalls = async () => sumBy(await readSeries(url), 'rest_client_requests_total', 'method');
  const before = await countCalls();
  await world.create('night', { mallIds: await world.addMalls(MALLS), parallelism: MALLS });
  await world.waitFor('night', isFinished);
  const after = await countCalls();
  const calls = Object.entries(after)
    .filter(([verb]) => verb !== VERB_OF_LEASE)
    .map(([verb, count]): [string, number] => [verb, count - (before[verb] ?? 0)]);
  const perRun = calls.reduce((sum, [, count]) => sum + count, 0) / MALLS;
  process.stdout.write(`calls of ${MALLS} mall runs: ${JSON.stringify(Object.fromEntries(calls))}, ${perRun} a run\n`);
  expect(Object.fromEntries(calls)).toMatchObject({ POST: expect.any(Number), PATCH: expect.any(Number) });
  expect(perRun).toBeGreaterThanOrEqual(2);
  expect(perRun).toBeLessThanOrEqual(MOST_CALLS_A_RUN);
});
