import { describe, expect, it } from 'vitest';
import { ClusterError } from '../../src/controller/cluster-error.ts';
import { complete, runOf } from '../integration/controller/ledger-fixture.ts';
import { runProgram } from '../support/program.ts';
import { createRequestWorld, DAY, PATIENCE } from './retry-request-fixture.ts';

const world = await createRequestWorld();

describe('a retry request', () => {
  it.each([
    ['RUN', {}, { trigger: 'MANUAL', reprocess: false, replay: null }],
    ['RESUME', { reason: 'late' }, { trigger: 'RERUN', reprocess: false, replay: null, reason: 'late' }],
    ['REPROCESS', { reason: 'late' }, { trigger: 'RERUN', reprocess: true, replay: null, reason: 'late' }],
    ['REPLAY_REJECTED', {}, { trigger: 'RERUN', reprocess: false, replay: { fingerprints: [] } }],
    ['REPLAY_REJECTED', { fingerprints: ['MAP:X:y'] }, { trigger: 'RERUN', replay: { fingerprints: ['MAP:X:y'] } }],
  ] as const)('to %s (%o) becomes a MallSync', async (kind, wish, expected) => {
    world.start();
    const requestId = await world.send(kind, wish);
    const { spec, retryRequestId } = await world.awaitMallSync(`rerun-${requestId}`);
    expect(retryRequestId).toBe(requestId);
    expect(spec).toMatchObject({ domainType: 'MEMBER', period: DAY, mallIds: [1, 2], pageSize: 250, ...expected });
    expect(spec.requestedBy).toBe('kim@office');
    expect((await world.read(requestId)).state).toBe('ACCEPTED');
  });

  it('that was written before anybody listened is taken too', async () => {
    const requestId = await world.send('RUN');
    world.start();
    expect(await world.awaitMallSync(`rerun-${requestId}`)).toMatchObject({ retryRequestId: requestId });
  });

  it('ends as its MallSync does, and `rerun --wait` tells it as beside a server', async () => {
    world.start();
    const args = ['rerun', '--malls', '1,2', '--domain', 'MEMBER', '--start', DAY.startDate, '--end', DAY.endDate];
    const running = runProgram([...args, '--wait', '--json'], {
      MALLSYNC_DATABASE_URL: world.db.url,
      MALLSYNC_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
    });
    await expect.poll(async () => (await world.namespace.list()).length, PATIENCE).toBe(1);
    const [mallSync] = await world.namespace.parseAll();
    const name = mallSync?.name ?? '';
    const requestId = mallSync?.retryRequestId ?? 0;
    const state = await world.admit(name);
    await complete(world.database, runOf(state, 1).executionId);
    await world.ledger.reportRequest(requestId);
    const { executionId } = runOf(state, 2);
    const end = { status: 'FAILED', reason: 'AuthFailed', message: 'no consent' } as const;
    await world.ledger.recordOutcomes((await world.awaitMallSync(name)).uid, [
      { executionId, end, disagreement: null, createToStartSeconds: null, lagSeconds: null },
    ]);
    await world.ledger.reportRequest(requestId);
    const { exitCode, stdout } = await running;
    const { isServed, requests: told } = JSON.parse(stdout) as { isServed: boolean; requests: { items: unknown[] }[] };
    expect(isServed).toBe(true);
    expect(told[0]?.items).toMatchObject([
      { mallId: 1, outcome: 'completed', executionId: runOf(state, 1).executionId, failureReason: null },
      { mallId: 2, outcome: 'failed', executionId, failureReason: 'AuthFailed' },
    ]);
    expect(exitCode).toBe(1);
  });

  it('that the API server refuses ends with what it says', async () => {
    world.start();
    const { items } = await world.awaitState(await world.send('REPROCESS'), 'REFUSED');
    expect(items.map(({ state }) => state)).toEqual(['REFUSED', 'REFUSED']);
    for (const { result } of items) expect(result).toMatch(/^ConfigInvalid: .*reprocess needs a reason/);
    expect(await world.namespace.list()).toEqual([]);
  });

  it.each([
    ['is not over', { endDate: '2999-01-01T00:00:00' }, /^PeriodOpen: the period is not over yet$/],
    ['is none', { endDate: '2025-12-02' }, /^ConfigInvalid: endDate must be a time/],
  ])('for a period that %s is refused', async (_, wish, result) => {
    world.start();
    const { items } = await world.awaitState(await world.send('RUN', wish), 'REFUSED');
    for (const item of items) expect(item.result).toMatch(result);
    expect(await world.namespace.list()).toEqual([]);
  });

  it('is refused when something else has its name', async () => {
    const requestId = await world.send('RUN');
    const spec = { domainType: 'ORDER', ...DAY };
    const stranger = {
      apiVersion: 'mallsync.io/v1alpha1',
      kind: 'MallSync',
      metadata: { name: `rerun-${requestId}` },
      spec,
    };
    await world.namespace.client.request('POST', world.namespace.path, stranger);
    world.start();
    const { items } = await world.awaitState(requestId, 'REFUSED');
    expect(items[0]?.result).toMatch(/^ConfigInvalid: a MallSync rerun-\d+ that asks for something else exists/);
  });

  it('is carried out when the API server is back', async () => {
    let refusals = 0;
    const { cluster } = world.ports;
    const createMallSync: typeof cluster.createMallSync = async (draft, signal) => {
      refusals += 1;
      if (refusals < 3) throw new ClusterError('unavailable', 'connection refused');
      return await cluster.createMallSync(draft, signal);
    };
    world.start({ cluster: { ...cluster, createMallSync } });
    await world.awaitMallSync(`rerun-${await world.send('RUN')}`);
    expect(refusals).toBe(3);
  });

  it('whose answer was lost is not asked for twice', async () => {
    let calls = 0;
    const { cluster } = world.ports;
    const createMallSync: typeof cluster.createMallSync = async (draft, signal) => {
      calls += 1;
      const isCreated = await cluster.createMallSync(draft, signal);
      if (calls === 1) throw new ClusterError('timeout', 'no answer');
      return isCreated;
    };
    world.start({ cluster: { ...cluster, createMallSync } });
    const requestId = await world.send('RUN');
    await expect.poll(() => calls, PATIENCE).toBe(2);
    await world.awaitMallSync(`rerun-${requestId}`);
    expect((await world.read(requestId)).state).toBe('ACCEPTED');
  });
});
