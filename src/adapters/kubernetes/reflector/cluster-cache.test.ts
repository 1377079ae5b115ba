import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createScriptedKubeClient, type ScriptedStep } from '../../../../test/support/scripted-kube-client.ts';
import { createSteppedClock } from '../../../../test/support/stepped-clock.ts';
import { ClusterError } from '../../../controller/cluster-error.ts';
import { parseJob } from '../job-parser.ts';
import { parseMallSync } from '../mall-sync-parser.ts';
import { parsePod } from '../pod-parser.ts';
import type { KubeClient } from '../transport/kube-client.ts';
import { createClusterCache } from './cluster-cache.ts';

const emptyList: ScriptedStep = { answer: { metadata: { resourceVersion: '1' }, items: [] } };

/** Each resource has a script of its own. */
function aClient(scripts: Readonly<Record<'mallsyncs' | 'jobs' | 'pods', readonly ScriptedStep[]>>) {
  const clients = new Map<string, Pick<KubeClient, 'call' | 'watch'>>(
    Object.entries(scripts).map(([resource, script]) => [resource, createScriptedKubeClient(script)]),
  );
  const pick = (path: string): Pick<KubeClient, 'call' | 'watch'> => {
    const client = clients.get(path.split('/').at(-1) ?? '');
    if (client === undefined) throw new TypeError(`nothing is scripted for ${path}`);
    return client;
  };
  return {
    call: (call, signal) => pick(call.path).call(call, signal),
    watch: (watch, signal) => pick(watch.path).watch(watch, signal),
  } satisfies Pick<KubeClient, 'call' | 'watch'>;
}

function aCache(client: Pick<KubeClient, 'call' | 'watch'>) {
  const clock = createSteppedClock();
  const cache = createClusterCache({
    client,
    clock,
    random: () => 0.5,
    namespace: 'here',
    parseMallSync,
    parseJob,
    parsePod,
    onChange: () => undefined,
    onFault: () => undefined,
  });
  return { cache, clock };
}

/** As an API server sends one that has run: about 3 KB, most of it managedFields and the pod template. */
function aJobText(index: number): string {
  const owner = `5ba7${String(index % 50).padStart(4, '0')}-7d3c-4a52-9d5e-2f1f3f6a7c11`;
  const filler = Array.from({ length: 12 }, (_, field) => ({
    [`f:field-${field}`]: { '.': {}, 'f:value': `value ${field} of Job ${index}, long enough to be worth its place` },
  }));
  return JSON.stringify({
    metadata: {
      name: `ms-member-${index}-20251201t000000-20251217t235959-1`,
      uid: `${String(index).padStart(8, '0')}-7d3c-4a52-9d5e-2f1f3f6a7c11`,
      resourceVersion: String(100_000 + index),
      creationTimestamp: '2025-12-18T02:00:00Z',
      labels: { 'mallsync.io/execution-id': String(index + 1), 'mallsync.io/instance-id': String(index + 1) },
      finalizers: ['mallsync.io/outcome'],
      ownerReferences: [{ kind: 'MallSync', name: `member-${index % 50}`, uid: owner, controller: true }],
      managedFields: filler,
    },
    spec: { suspend: false, template: { spec: { containers: filler } } },
    status: {
      startTime: '2025-12-18T02:00:01Z',
      conditions: [
        {
          type: 'Failed',
          status: 'True',
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
          lastTransitionTime: '2025-12-18T02:10:00Z',
        },
      ],
    },
  });
}

describe('awaitSync', () => {
  it('resolves when all three are listed', async () => {
    const { cache, clock } = aCache(
      aClient({
        mallsyncs: [emptyList],
        jobs: [emptyList],
        pods: [{ failure: new ClusterError('unavailable', 'down') }, emptyList],
      }),
    );
    const stop = new AbortController();
    const run = cache.run(stop.signal);
    const synced = cache.awaitSync(stop.signal);
    await clock.advance(10);
    expect(Object.values(cache.readHealth()).map(({ hasSynced }) => hasSynced)).toEqual([true, true, false]);
    await clock.advance(1_000);
    await expect(synced).resolves.toBeUndefined();
    expect(clock.countSleepers()).toBe(0);
    stop.abort();
    await run;
  });

  it('rejects after two minutes and names what is missing', async () => {
    const { cache, clock } = aCache(aClient({ mallsyncs: [emptyList], jobs: [], pods: [] }));
    const stop = new AbortController();
    const run = cache.run(stop.signal);
    const synced = cache.awaitSync(stop.signal);
    synced.catch(() => undefined);
    await clock.advance(120_000);
    await expect(synced).rejects.toThrow('the caches of jobs, pods did not fill within two minutes');
    stop.abort();
    await run;
  });

  it('rejects with the reason of its signal', async () => {
    const { cache } = aCache(aClient({ mallsyncs: [], jobs: [], pods: [] }));
    const stop = new AbortController();
    const run = cache.run(stop.signal);
    const synced = cache.awaitSync(stop.signal);
    stop.abort(new Error('asked to end'));
    await expect(synced).rejects.toThrow('asked to end');
    await run;
  });
});

describe('the memory', () => {
  it('of 5,000 Jobs holds nothing of what they were read from', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const pages = Array.from({ length: 10 }, (_, page) => ({
      get answer() {
        const items = Array.from({ length: 500 }, (_item, index) => aJobText(page * 500 + index));
        const rest = page < 9 ? 'more' : '';
        return JSON.parse(`{"metadata":{"resourceVersion":"1","continue":"${rest}"},"items":[${items.join(',')}]}`);
      },
    }));
    const { cache } = aCache(aClient({ mallsyncs: [emptyList], jobs: pages, pods: [emptyList] }));
    const stop = new AbortController();
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const run = cache.run(stop.signal);
    await cache.awaitSync(stop.signal);
    collectGarbage();
    const bytesPerJob = (process.memoryUsage().heapUsed - before) / 5_000;
    expect(cache.view.listJobs()).toHaveLength(5_000);
    expect(cache.view.listJobsOf(cache.view.listJobs()[7]?.ownerUid ?? '')).toHaveLength(100);
    expect(bytesPerJob).toBeLessThan(1_100);
    stop.abort();
    await run;
  });
});
