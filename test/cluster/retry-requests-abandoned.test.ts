import { describe, expect, it } from 'vitest';
import { ClusterError } from '../../src/controller/cluster-error.ts';
import type { MallSyncDraft } from '../../src/controller/mall-sync.ts';
import { createRequestWorld, DAY, PATIENCE } from './retry-request-fixture.ts';

const world = await createRequestWorld();

describe('a request whose server is gone', () => {
  it('is taken up again', async () => {
    const requestId = await world.send('RUN');
    await world.abandon(requestId);
    world.start();
    expect(await world.awaitMallSync(`rerun-${requestId}`)).toMatchObject({ retryRequestId: requestId });
  });

  it('is left alone while its MallSync waits', async () => {
    const requestId = await world.send('RUN');
    await world.abandon(requestId);
    const spec = { domainType: 'MEMBER', ...DAY, mallIds: [1, 2] };
    await world.namespace.client.request('POST', world.namespace.path, {
      apiVersion: 'mallsync.io/v1alpha1',
      kind: 'MallSync',
      metadata: { name: 'of-another-name', labels: { 'mallsync.io/retry-request': String(requestId) } },
      spec,
    });
    world.cached = await world.namespace.parseAll();
    world.start();
    const later = await world.send('RUN', { mallIds: [3] });
    await world.awaitMallSync(`rerun-${later}`);
    expect((await world.namespace.list()).map(({ metadata }) => metadata.name)).toEqual([
      'of-another-name',
      `rerun-${later}`,
    ]);
    const { items } = await world.read(requestId);
    expect(items.map(({ state }) => state)).toEqual(['PENDING', 'PENDING']);
  });

  it('does not bring back a MallSync that was deleted, and ends with what became of it', async () => {
    world.start();
    const requestId = await world.send('RUN');
    const { uid, name } = await world.awaitMallSync(`rerun-${requestId}`);
    await world.admit(name);
    await world.stop();
    await world.namespace.client.request('DELETE', `${world.namespace.path}/${name}`);
    await world.db.query(
      `update mallsync.tb_batch_execution_summary set status = 'STOPPED', failure_reason = 'Stopped',
         failure_message = 'its MallSync was deleted', ended_at = now() where mallsync_uid = $1`,
      [uid],
    );
    world.start();
    const { items } = await world.awaitState(requestId, 'DONE');
    for (const { result } of items) expect(result).toBe('Stopped: its MallSync was deleted');
    expect(await world.namespace.list()).toEqual([]);
  });

  it('gets the MallSyncs that it still lacks', async () => {
    const { cluster } = world.ports;
    const isSecond = ({ name }: MallSyncDraft): boolean => name.endsWith('-2');
    let failures = 0;
    const createMallSync: typeof cluster.createMallSync = async (draft, signal) => {
      if (!isSecond(draft)) return await cluster.createMallSync(draft, signal);
      failures += 1;
      throw new ClusterError('forbidden', 'no rights');
    };
    world.start({ cluster: { ...cluster, createMallSync } });
    const requestId = await world.send('RUN', { mallIds: Array.from({ length: 1_001 }, (_, index) => index + 1) });
    await expect.poll(() => failures, PATIENCE).toBe(1);
    await world.admit(`rerun-${requestId}`);
    await world.stop();
    world.start();
    const { spec } = await world.awaitMallSync(`rerun-${requestId}-2`);
    expect(spec.mallIds).toEqual([1_001]);
  });

  it('ends when its MallSync ended before it began', async () => {
    world.start();
    const requestId = await world.send('RUN');
    const { name } = await world.awaitMallSync(`rerun-${requestId}`);
    await world.namespace.client.request('PATCH', `${world.namespace.path}/${name}/status`, {
      status: {
        observedGeneration: 1,
        conditions: [],
        malls: {
          total: 0,
          waiting: 0,
          active: 0,
          succeeded: 0,
          withRejects: 0,
          alreadyComplete: 0,
          refused: 0,
          failed: 0,
          stopped: 0,
        },
        rows: { read: 0, inserted: 0, updated: 0, unchanged: 0, rejected: 0 },
        failures: [],
        explanation: 'It was cancelled.',
        completionTime: '2025-12-18T00:00:00Z',
      },
    });
    await world.abandon(requestId);
    const { items } = await world.awaitState(requestId, 'REFUSED');
    expect(items[0]?.result).toBe(`Stopped: MallSync ${name} ended before it began. It was cancelled.`);
  });
});
