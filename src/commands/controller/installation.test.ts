import { describe, expect, it } from 'vitest';
import { ClusterError } from '../../controller/cluster-error.ts';
import { awaitInstallationId } from './installation.ts';

const ANSWER = { metadata: { uid: 'cluster-1' } };

/** @param answers what the API server does about each call; null: it answers */
async function ask(answers: readonly (Error | null)[], clusterId?: string) {
  const troubles: unknown[] = [];
  const sleeps: number[] = [];
  const left = [...answers];
  const client = {
    call: () => {
      const answer = left.shift() ?? null;
      return answer === null ? Promise.resolve(ANSWER) : Promise.reject(answer);
    },
  };
  const clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    async sleep(delayMs: number) {
      sleeps.push(delayMs);
      await Promise.resolve();
    },
  };
  const note = (error: unknown): void => void troubles.push(error);
  const id = await awaitInstallationId(
    client,
    { clusterId, namespace: 'shop' },
    note,
    clock,
    new AbortController().signal,
  );
  return { id, troubles, sleeps };
}

describe('the installation', () => {
  it('is the cluster and the namespace', async () => {
    expect(await ask([null])).toEqual({ id: 'cluster-1/shop', troubles: [], sleeps: [] });
  });

  it('is of the cluster that was named, and nobody is asked', async () => {
    const never = new ClusterError('forbidden', 'no get of namespaces', { status: 403 });
    expect(await ask([never], 'seoul-1')).toEqual({ id: 'seoul-1/shop', troubles: [], sleeps: [] });
  });

  it('is asked for until an API server that is away answers', async () => {
    const away = new ClusterError('unavailable', 'connection refused');
    expect(await ask([away, away, null])).toEqual({
      id: 'cluster-1/shop',
      troubles: [away, away],
      sleeps: [2_000, 2_000],
    });
  });

  it('is not asked for again without the right to know it', async () => {
    await expect(ask([new ClusterError('forbidden', 'no get of namespaces', { status: 403 })])).rejects.toThrow(
      'no get',
    );
  });
});
