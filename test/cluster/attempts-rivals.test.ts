import { describe, expect, test } from 'vitest';
import { createLedWorld } from '../support/led-world.ts';
import type { KubeObject } from '../support/api-server-door.ts';

const MALLS = 50;

const here = await createLedWorld({ environment: { MALLSYNC_JOBS_PER_SECOND: '0' } });
const there = await createLedWorld({
  environment: { MALLSYNC_JOBS_PER_SECOND: '0', MALLSYNC_DATABASE_URL: here.database.url },
  kubelet: { database: await here.database.open({ poolSize: 4, writerConnections: 4 }) },
});

/** Of each mall: how many executions it ever had, and how many of them at most were live at one time. */
async function listHistory(mallIds: readonly number[]): Promise<readonly KubeObject[]> {
  return await here.database.query(
    `select mall_id::integer as mall, count(*)::integer as runs, count(*) filter (where status = 'COMPLETED')::integer as completed,
       count(distinct installation_id)::integer as installations
     from mallsync.tb_batch_execution_summary where mall_id = any($1) group by 1 order by 1`,
    [mallIds],
  );
}

describe('the same parameters twice at once', () => {
  test('from two MallSyncs: each mall runs once, and the one that came too late says behind which', async () => {
    const mallIds = await here.addMalls(MALLS);
    here.play(mallIds, { runMs: 1_500 });
    await Promise.all(['one', 'two'].map((name) => here.create(name, { mallIds })));
    const ended = await Promise.all(['one', 'two'].map((name) => here.waitForEnd(name)));
    expect(await listHistory(mallIds)).toEqual(
      mallIds.map((mall) => ({ mall, runs: 1, completed: 1, installations: 1 })),
    );
    const counts = ended.map(({ status }) => status.malls);
    expect(counts.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(MALLS);
    const late = ended.find(({ status }) => status.malls.refused > 0);
    expect(late.status.malls).toMatchObject({ total: MALLS, succeeded: 0, refused: MALLS });
    const other = late.metadata.name === 'one' ? 'two' : 'one';
    expect(late.status.failures).toHaveLength(20);
    expect(late.status.failures[0].message).toMatch(
      new RegExp(`^already (waiting|running) as attempt 1 \\(execution \\d+, MallSync ${other}\\)$`),
    );
    expect(late.status.explanation).toContain(`DuplicateRefused, already`);
    expect(late.status.explanation).toContain(`MallSync ${other}`);
  });

  test('from two installations on one database: each mall runs once, in one of them', async () => {
    const mallIds = await here.addMalls(MALLS);
    for (const world of [here, there]) world.play(mallIds, { runMs: 1_500 });
    await Promise.all([here, there].map((world) => world.create('shared', { mallIds })));
    const ended = await Promise.all([here, there].map((world) => world.waitForEnd('shared')));
    expect(await listHistory(mallIds)).toEqual(
      mallIds.map((mall) => ({ mall, runs: 1, completed: 1, installations: 1 })),
    );
    const outcomes = ended.map(({ status: { malls } }) => malls.succeeded + malls.refused + malls.alreadyComplete);
    expect(outcomes).toEqual([MALLS, MALLS]);
    expect(ended.reduce((sum, { status }) => sum + status.malls.succeeded, 0)).toBe(MALLS);
    const late = ended.find(({ status }) => status.malls.refused > 0);
    expect(late.status.failures[0].message).toMatch(
      /^already (waiting|running) as attempt 1 \(execution \d+, MallSync shared\)$/,
    );
    const names = [here, there].flatMap(({ kubelet }) => [...kubelet.record.countByExecution()]);
    expect(names.every(([, count]) => count === 1)).toBe(true);
    expect(new Set(names.map(([executionId]) => executionId)).size).toBe(names.length);
  });
});
