import { describe, expect, test } from 'vitest';
import { addExecution } from '../integration/commands/operator-fixture.ts';
import { conditionOf, createLedWorld } from '../support/led-world.ts';

const DAY = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-02T00:00:00' };
const NO_CONSENT = {
  end: { reason: 'PodFailurePolicy', message: 'exit code 77' },
  sync: { kind: 'failed', reason: 'AuthFailed', message: 'no consent' },
} as const;

const world = await createLedWorld();

async function addAttempts(mallId: number, attempts: readonly number[]): Promise<void> {
  for (const attemptCount of attempts) await addExecution(world.database, { mallId, status: 'FAILED', attemptCount });
}

describe('a raised attemptCount', () => {
  test('gives each mall that is not complete this attempt, or the next one that is free', async () => {
    const mallIds = await world.addMalls(4);
    const [second = 0, fifth = 0, third = 0, complete = 0] = mallIds;
    const failing = [second, fifth, third];
    world.play(failing, ({ attemptCount }) => (attemptCount === 1 ? NO_CONSENT : {}));
    const first = await world.runToEnd('raised', { ...DAY, mallIds });
    expect(first.status.malls).toMatchObject({ total: 4, succeeded: 1, failed: 3 });
    await addAttempts(second, [2]);
    await addAttempts(fifth, [2, 4, 5]);
    await addAttempts(third, [2, 3]);

    await world.change('raised', { attemptCount: 4 });
    const ended = await world.waitForEnd('raised');
    expect(ended.status.malls).toMatchObject({ total: 4, succeeded: 4, failed: 0 });
    expect(ended.status.failures).toEqual([]);
    expect(conditionOf(ended, 'Succeeded')).toEqual(['True', 'Succeeded']);
    const runs = await world.listRuns('raised');
    const attemptsOf = (mallId: number): readonly number[] =>
      runs.filter((run) => run.mallId === mallId).map(({ attemptCount }) => attemptCount);
    expect(attemptsOf(second)).toEqual([1, 4]);
    expect(attemptsOf(fifth)).toEqual([1, 6]);
    expect(attemptsOf(third)).toEqual([1, 4]);
    expect(attemptsOf(complete)).toEqual([1]);
    const results = await world.database.query<{ mall_id: number; message: string | null }>(
      `select mall_id::integer, message from mallsync.tb_mallsync_mall where mall_id = any($1) order by mall_id`,
      [mallIds],
    );
    expect(results.map(({ message }) => message)).toEqual([
      null,
      'attempt 4 was used already; this is attempt 6',
      null,
      null,
    ]);
    const admitted = ended.status.conditions.find(({ type }: { readonly type: string }) => type === 'Admitted');
    expect(admitted.message).toContain(`Mall ${fifth}: attempt 4 was used already; this is attempt 6.`);
    await expect
      .poll(async () => (await world.listEvents('raised')).map(([, reason]) => reason).toSorted())
      .toEqual(['Admitted', 'Failed', 'MallFailed', 'MallFailed', 'MallFailed', 'Reopened', 'Succeeded']);
  });

  test('while malls still run: they run on, and only those that failed begin again', async () => {
    const [failing = 0, running = 0] = await world.addMalls(2);
    world.play([failing], ({ attemptCount }) => (attemptCount === 1 ? NO_CONSENT : {}));
    world.play([running], null);
    await world.create('meanwhile', { ...DAY, mallIds: [failing, running], attemptCount: 1 });
    await world.waitFor('meanwhile', (seen) => seen?.status?.malls?.failed === 1);
    const job = await world.waitForJob(running);
    await world.change('meanwhile', { attemptCount: 2 });
    await world.waitFor('meanwhile', (seen) => seen?.status?.malls?.succeeded === 1);
    expect((await world.listRuns('meanwhile')).map(({ mallId, attemptCount }) => [mallId, attemptCount])).toEqual([
      [failing, 1],
      [running, 1],
      [failing, 2],
    ]);
    world.play([running], {});
    await world.kubelet.fail(job.name);
    const ended = await world.waitForEnd('meanwhile');
    expect(ended.status.malls).toMatchObject({ total: 2, succeeded: 2 });
    expect((await world.listRuns('meanwhile')).at(-1)).toMatchObject({ mallId: running, attemptCount: 2 });
  });
});
