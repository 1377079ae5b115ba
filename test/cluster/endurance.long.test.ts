import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildJob } from '../../src/adapters/kubernetes/job-builder.ts';
import { createClusterWorld } from '../support/cluster-world.ts';
import { buildOrder, JOB_SETTINGS } from '../support/job-orders.ts';
import { awaitLead, awaitUrl, toLeasePath } from '../support/leader-scene.ts';
import { readSeries, sumBy, sumOf } from '../support/metrics-text.ts';
import { until } from '../support/process-signals.ts';
import type { Started } from '../support/program.ts';

const MALL_SYNCS = 500;
const JOBS_OF_EACH = 10;
const MOST_MIB = 150;
const WATCHED_RENEWALS = 65;
/** A leader renews once a second. */
const WATCHED_SECONDS = 60;
const MINUTES = 60_000;

const world = await createClusterWorld();
const mallSyncs = `/apis/mallsync.io/v1alpha1/namespaces/${world.namespace}/mallsyncs`;
const jobs = `/apis/batch/v1/namespaces/${world.namespace}/jobs`;
const events = `/apis/events.k8s.io/v1/namespaces/${world.namespace}/events`;
let controller: Started;
let url: string;

/** As the controller left it when its outcome had been recorded. */
async function addReleasedJob(mallSync: { readonly name: string; readonly uid: string }, n: number): Promise<void> {
  const built = buildJob({ ...buildOrder({}, { executionId: n, instanceId: n, mallId: n }), mallSync }, JOB_SETTINGS);
  const { metadata, spec } = structuredClone(built) as { metadata: object; spec: object };
  const body = { metadata: { ...metadata, finalizers: [] }, spec: { ...spec, ttlSecondsAfterFinished: 86_400 } };
  const job = await world.client.request('POST', jobs, body);
  const now = new Date().toISOString();
  const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: now,
  }));
  const status = { startTime: now, completionTime: now, succeeded: 1, uncountedTerminatedPods: {}, conditions };
  await world.client.request('PATCH', `${jobs}/${job.metadata.name}/status`, { status });
}

async function fill(): Promise<void> {
  const numbers = Array.from({ length: MALL_SYNCS }, (_, index) => index);
  const rest = numbers.values();
  const work = async (): Promise<void> => {
    for (const index of rest) {
      const { metadata } = await world.create(`night-${index}`, { suspend: true });
      for (let n = 1; n <= JOBS_OF_EACH; n++) await addReleasedJob(metadata, index * JOBS_OF_EACH + n);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

async function readMemoryMib(pid: number | undefined): Promise<{ readonly peak: number; readonly now: number }> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const read = (field: string): number => Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(text)?.[1]) / 1_024);
  return { peak: read('VmHWM'), now: read('VmRSS') };
}

/** Until the Lease has been renewed that often. */
async function followLease(renewals: number): Promise<void> {
  const path = `${toLeasePath(world).replace(/\/[^/]+$/, '')}?fieldSelector=metadata.name%3Dmallsync-controller`;
  const ended = new AbortController();
  let seen = 0;
  for await (const { type } of world.client.follow(path, ended.signal)) {
    if (type === 'MODIFIED') seen += 1;
    if (seen === renewals) ended.abort();
  }
}

describe(`a controller of ${MALL_SYNCS} MallSyncs and ${MALL_SYNCS * JOBS_OF_EACH} Jobs`, () => {
  beforeAll(async () => {
    await fill();
    controller = world.startController();
    url = await awaitUrl(controller);
    await awaitLead(controller);
    await until('all statuses to be written', async () => {
      const { items } = await world.client.request('GET', mallSyncs);
      return items.every(({ status }: { status?: object }) => status !== undefined);
    });
    await until(
      'all Events to be told',
      async () => (await world.client.request('GET', events)).items.length === MALL_SYNCS,
    );
  }, 10 * MINUTES);

  test('is small', async () => {
    const series = await readSeries(url);
    expect(sumBy(series, 'mallsync_cache_objects', 'resource')).toMatchObject({
      mallsyncs: MALL_SYNCS,
      jobs: MALL_SYNCS * JOBS_OF_EACH,
    });
    const { peak, now } = await readMemoryMib(controller.process.pid);
    process.stdout.write(`memory: ${now} MiB, at most ${peak} MiB\n`);
    expect(peak).toBeLessThan(MOST_MIB);
  });

  test(
    'asks for nothing but its Lease, and opens no connection, while nothing happens',
    { timeout: 3 * MINUTES },
    async () => {
      const before = await readSeries(url);
      const beganMs = performance.now();
      await followLease(WATCHED_RENEWALS);
      expect((performance.now() - beganMs) / 1_000).toBeGreaterThan(WATCHED_SECONDS);
      const after = await readSeries(url);
      const [callsBefore, callsAfter] = [before, after].map((series) =>
        sumBy(series, 'rest_client_requests_total', 'method'),
      );
      expect({ ...callsAfter, PUT: 0 }).toEqual({ ...callsBefore, PUT: 0 });
      expect(callsAfter?.['PUT']).toBeGreaterThan(callsBefore?.['PUT'] ?? 0);
      expect(sumOf(after, 'mallsync_api_connections_opened_total')).toBe(
        sumOf(before, 'mallsync_api_connections_opened_total'),
      );
      expect(sumOf(after, 'mallsync_api_connections')).toBeGreaterThan(0);
      process.stdout.write(`connections: ${JSON.stringify(sumBy(after, 'mallsync_api_connections', 'purpose'))}\n`);
    },
  );
});
