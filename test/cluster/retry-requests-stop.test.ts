import { describe, expect, it } from 'vitest';
import { drawEpoch } from '../../src/adapters/postgres/controller-term.ts';
import { LeaseLostError } from '../../src/domain/errors.ts';
import { addExecution } from '../integration/commands/operator-fixture.ts';
import { runOf } from '../integration/controller/ledger-fixture.ts';
import { createRequestWorld, INSTALLATION } from './retry-request-fixture.ts';

const world = await createRequestWorld();

describe('a request to stop', () => {
  it('ends what runs for a MallSync of this installation, and has the MallSync looked at', async () => {
    world.start();
    const runId = await world.send('RUN');
    const name = `rerun-${runId}`;
    const state = await world.admit(name);
    const stopId = await world.send('STOP', { mallIds: [1, 3], reason: 'wrong day' });
    const { items } = await world.awaitState(stopId, 'DONE');
    expect(items).toMatchObject([
      { mallId: 1, state: 'DONE', result: 'STOPPED', executionId: runOf(state, 1).executionId },
      { mallId: 3, state: 'REFUSED', result: 'nothing of it is under way', executionId: null },
    ]);
    const after = await world.ledger.load((await world.awaitMallSync(name)).uid);
    expect(runOf(after, 1)).toMatchObject({
      status: 'STOPPED',
      isRecorded: true,
      failureMessage: 'stopped by kim@office: wrong day',
    });
    expect(runOf(after, 2)).toMatchObject({ status: 'REQUESTED' });
    expect(world.enqueued).toEqual([name]);
  });

  it('ends what another process runs too', async () => {
    const executionId = await addExecution(world.db, { mallId: 2, status: 'RUNNING' });
    world.start();
    const { items } = await world.awaitState(await world.send('STOP', { mallIds: [2] }), 'DONE');
    expect(items).toMatchObject([{ result: 'STOPPED', executionId }]);
    expect(world.enqueued).toEqual([]);
  });

  it('changes nothing once another leads, and the loop ends', async () => {
    world.start();
    const name = `rerun-${await world.send('RUN')}`;
    await world.admit(name);
    await drawEpoch(world.database, INSTALLATION, 'another');
    await world.send('STOP');
    expect(await world.ended()).toBeInstanceOf(LeaseLostError);
    const after = await world.ledger.load((await world.awaitMallSync(name)).uid);
    expect(after.runs.map(({ status }) => status)).toEqual(['REQUESTED', 'REQUESTED']);
    expect(world.enqueued).toEqual([]);
  });
});
