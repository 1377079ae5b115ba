import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImport, openBeside, type Surroundings } from '../support/e2e-beside.ts';
import { ROOT } from '../support/e2e-image.ts';
import { installMallsync, RELEASE, type Mallsync, type SeenMallSync } from '../support/e2e-install.ts';
import { listSyncJobs } from '../support/e2e-jobs.ts';
import { expectTrueData, listExecutions } from '../support/e2e-ledger.ts';
import { useNamespace } from '../support/e2e-namespace.ts';
import { writeOverlay } from '../support/e2e-overlay.ts';
import { runProgram } from '../support/program.ts';
import { expectTruth } from '../support/truth.ts';

const SAMPLES = join(ROOT, 'deploy/samples');
const MALLS = 7;
/** Of the plain manifests alone, since tokens are used up by whoever refreshes them. */
const TEA = { mallId: 7, cafe24MallId: 'sample-tea' };

const namespace = await useNamespace('samples');
const plain = await useNamespace('plain');
let mallsync: Mallsync;
const applied = new Set<string>();

beforeAll(async () => {
  // where they are enforced, a trial's NetworkPolicies let nobody in from another namespace
  mallsync = await installMallsync(namespace, {
    values: { trial: { malls: MALLS }, networkPolicy: { enabled: false } },
  });
});
afterAll(() => mallsync.stop());

async function applySample(file: string): Promise<void> {
  applied.add(file);
  await namespace.kubectl(['apply', '-f', join(SAMPLES, file)]);
}

function readMallSync(name: string): Promise<SeenMallSync> {
  return namespace.kubectlJson<SeenMallSync>(['get', 'mallsync', name]);
}

async function patchSpec(name: string, spec: object): Promise<void> {
  await namespace.kubectl(['patch', 'mallsync', name, '--type=merge', '--patch', JSON.stringify({ spec })]);
}

function conditionOf({ status }: SeenMallSync, type: string): string {
  const found = status?.conditions.find((condition) => condition.type === type);
  return `${found?.status} ${found?.reason}`;
}

async function listOwn(name: string) {
  return (await listExecutions(mallsync)).filter(({ mallSync }) => mallSync === name);
}

async function listJobsOf(name: string) {
  return (await listSyncJobs(namespace)).filter(({ metadata }) => metadata.labels['mallsync.io/mallsync'] === name);
}

describe('deploy/samples', () => {
  it('runs by hand, and a re-run leaves alone what is complete', async () => {
    const name = 'member-2025-12-01-17';
    await applySample('manual-run.yaml');
    expect(conditionOf(await mallsync.waitForEnd(name), 'Succeeded')).toBe('True Succeeded');
    const executions = await listOwn(name);
    expect(executions.map(({ mallId, attemptCount }) => `${mallId} ${attemptCount}`)).toEqual(['1 1', '2 1', '3 1']);
    await expectTrueData(mallsync, executions);
    await applySample('rerun.yaml');
    const again = await mallsync.waitForEnd(name);
    expect(again.spec).toMatchObject({ attemptCount: 2 });
    expect(conditionOf(again, 'Succeeded')).toMatch(/^True /);
    expect(await listOwn(name)).toEqual(executions);
  });

  it('reads a complete day again, and finds it unchanged', async () => {
    const name = 'order-2025-12-01';
    const spec = {
      domainType: 'ORDER',
      startDate: '2025-12-01T00:00:00',
      endDate: '2025-12-01T23:59:59',
      mallIds: [2],
    };
    await namespace.apply({ apiVersion: 'mallsync.io/v1alpha1', kind: 'MallSync', metadata: { name }, spec });
    await mallsync.waitForEnd(name);
    const [first] = await listOwn(name);
    await applySample('reprocess.yaml');
    expect(conditionOf(await mallsync.waitForEnd(`${name}-again`), 'Succeeded')).toBe('True Succeeded');
    expect(await listOwn(`${name}-again`)).toMatchObject([
      { instanceId: first?.instanceId, attemptCount: 2, status: 'COMPLETED', unchanged: first?.inserted, inserted: 0 },
    ]);
  });

  it('picks malls by label', async () => {
    const labels = { tier: 'gold', region: 'kr' };
    const malls = [buildImport(4, labels), buildImport(5, labels), buildImport(6, { tier: 'gold' })];
    const exec = ['exec', '--stdin', `deploy/${RELEASE}-toolbox`, '--', 'mallsync', 'malls', 'import', '-'];
    await namespace.kubectl(exec, { input: JSON.stringify(malls) });
    await applySample('malls-by-label.yaml');
    const name = 'sales-gold-2025-12-17';
    expect(conditionOf(await mallsync.waitForEnd(name), 'Succeeded')).toBe('True Succeeded');
    const executions = await listOwn(name);
    expect(executions.map(({ mallId }) => mallId)).toEqual([4, 5]);
    await expectTrueData(mallsync, executions);
  });

  it('launches nothing while it is suspended', async () => {
    const name = 'member-2025-11';
    await applySample('suspended.yaml');
    const suspended = await namespace.waitFor('its suspension', async () => {
      const seen = await readMallSync(name);
      return conditionOf(seen, 'Progressing') === 'False Suspended' && seen;
    });
    expect(suspended.status?.explanation).toContain('suspended');
    expect(await listJobsOf(name)).toEqual([]);
    await patchSpec(name, { cancel: true });
    expect(conditionOf(await mallsync.waitForEnd(name), 'Succeeded')).toBe('False Stopped');
    expect(await listJobsOf(name)).toEqual([]);
  });

  it('fills a year back two Jobs at once, until it is cancelled', async () => {
    const name = 'back-fill-order-2024';
    await applySample('back-fill.yaml');
    const counts = { total: MALLS, active: 2, waiting: MALLS - 2 };
    await namespace.waitFor('its first two Jobs', async () => {
      const { status } = await readMallSync(name);
      return Object.entries(counts).every(([standing, count]) => status?.malls[standing] === count);
    });
    expect((await listJobsOf(name)).length).toBe(2);
    await patchSpec(name, { cancel: true });
    const { status } = await mallsync.waitForEnd(name);
    expect(status?.malls).toMatchObject({ total: MALLS, stopped: MALLS });
    expect((await listOwn(name)).map((execution) => execution.status)).toEqual(Array(MALLS).fill('STOPPED'));
  });

  it('has no sample that is not tried here', async () => {
    expect([...applied].toSorted()).toEqual((await readdir(SAMPLES)).toSorted());
  });
});

describe('deploy/', () => {
  let beside: Surroundings;
  let overlay: string;
  const clusterWide = ['clusterrole/mallsync-installation', 'clusterrolebinding/mallsync-installation'];

  beforeAll(async () => {
    beside = await openBeside(namespace, mallsync, { database: 'plain', schema: 'mallsync' });
    overlay = await writeOverlay(plain.namespace, beside.cafe24Url);
  });
  afterAll(async () => {
    await plain.kubectl(['delete', 'mallsyncs', '--all', '--timeout=60s']);
    await plain.kubectl(['delete', ...clusterWide]);
    await beside.close();
    await rm(overlay, { recursive: true });
  });

  it('comes up as the overlay of docs/ says, and runs a MallSync', async () => {
    const stringData = { 'database-url': beside.secret.url, 'encryption-keys': beside.secret.keys };
    await plain.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mallsync' }, stringData });
    await plain.kubectl(['apply', '-k', overlay]);
    await plain.kubectl(['rollout', 'status', 'deployment/mallsync-controller', '--timeout=180s']);
    const environment = { MALLSYNC_DATABASE_URL: beside.outsideUrl, MALLSYNC_ENCRYPTION_KEYS: beside.secret.keys };
    const imported = await runProgram(['malls', 'import', '-'], environment, JSON.stringify([buildImport(TEA.mallId)]));
    expect(imported.exitCode, imported.stderr).toBe(0);
    const day = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-01T23:59:59' };
    const spec = { domainType: 'MEMBER', ...day };
    await plain.apply({ apiVersion: 'mallsync.io/v1alpha1', kind: 'MallSync', metadata: { name: 'one-day' }, spec });
    const ended = await plain.waitFor('its end', async () => {
      const seen = await plain.kubectlJson<SeenMallSync>(['get', 'mallsync', 'one-day']);
      return seen.status?.completionTime !== undefined && seen;
    });
    expect(conditionOf(ended, 'Succeeded')).toBe('True Succeeded');
    await expectTruth({ db: beside, simulator: mallsync.simulator }, TEA, 'MEMBER', day);
    const cronJobs = await plain.kubectl(['get', 'cronjobs', '--output', 'name']);
    expect(cronJobs.split('\n').filter(Boolean)).toEqual([
      'cronjob.batch/mallsync-nightly',
      'cronjob.batch/mallsync-prune',
    ]);
  });
});
