import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImport, openBeside, type Surroundings } from '../support/e2e-beside.ts';
import { ABSENT_IMAGE, forgetImage, provideImage } from '../support/e2e-images.ts';
import {
  installMallsync,
  installRelease,
  RELEASE,
  type ChartValues,
  type Mallsync,
  type SeenMallSync,
} from '../support/e2e-install.ts';
import { listEventWords, listPods, listSyncJobs } from '../support/e2e-jobs.ts';
import { listExecutions } from '../support/e2e-ledger.ts';
import { useNamespace } from '../support/e2e-namespace.ts';
import { expectTruth } from '../support/truth.ts';

/** Of no other installation, since tokens are used up by whoever refreshes them. */
const MALL = { mallId: 6, cafe24MallId: 'sample-garden' };
const SCHEMA = 'fleet_two';
/** What is asked of an explanation, from the Job's creation on. */
const EXPLAINED_WITHIN_MS = 30_000;
const POOL_LABEL = 'e2e.mallsync.io/pool';

const trialNamespace = await useNamespace('trial');
const namespace = await useNamespace('production');
let trial: Mallsync;
let beside: Surroundings;
let node: string;

beforeAll(async () => {
  // where they are enforced, a trial's NetworkPolicies let nobody in from another namespace
  const values = { trial: { malls: 7 }, networkPolicy: { enabled: false } };
  trial = await installMallsync(trialNamespace, { values });
  beside = await openBeside(trialNamespace, trial, { database: 'mallsync', schema: SCHEMA });
  node = (await namespace.kubectl(['get', 'nodes', '--output', 'name'])).split('\n')[0] ?? '';
  await namespace.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'fleet' }, stringData: beside.secret });
  await installRelease(namespace, { values: buildProductionValues() });
});
afterAll(async () => {
  await namespace.kubectl(['label', node, `${POOL_LABEL}-`]);
  await beside.close();
  await trial.stop();
});

function buildProductionValues(): ChartValues {
  return {
    crds: { enabled: false },
    database: { existingSecret: 'fleet', urlKey: 'url', schema: SCHEMA },
    encryption: { existingSecret: 'fleet', key: 'keys' },
    cafe24: { url: beside.cafe24Url },
    controller: { resources: { requests: { cpu: '1m' } } },
    jobs: {
      podTemplate: { nodeSelector: { [POOL_LABEL]: namespace.namespace } },
      resources: { requests: { cpu: '1m', memory: '32Mi' } },
    },
    nightly: { suspend: true },
    toolbox: { enabled: true },
  };
}

function letNodeFit(): Promise<string> {
  return namespace.kubectl(['label', '--overwrite', node, `${POOL_LABEL}=${namespace.namespace}`]);
}

function applyMallSync(name: string, day: string): Promise<string> {
  const period = { startDate: `${day}T00:00:00`, endDate: `${day}T23:59:59` };
  const spec = { domainType: 'SALES', ...period, mallIds: [MALL.mallId] };
  return namespace.apply({ apiVersion: 'mallsync.io/v1alpha1', kind: 'MallSync', metadata: { name }, spec });
}

/** The MallSync once it says why it cannot start, and how long after its Job's creation it did. */
async function waitForObstacle(name: string, reason: string): Promise<{ afterMs: number; explanation: string }> {
  const mallSync = await namespace.waitFor(`what keeps ${name} from starting`, async () => {
    const seen = await namespace.kubectlJson<SeenMallSync>(['get', 'mallsync', name]);
    return seen.status?.explanation.includes(`cannot start: ${reason}`) === true && seen;
  });
  const degraded = mallSync.status?.conditions.find(({ type }) => type === 'Degraded');
  expect(degraded).toMatchObject({ status: 'True', reason });
  const job = (await listSyncJobs(namespace)).find(({ metadata }) => metadata.labels['mallsync.io/mallsync'] === name);
  const toldMs = Date.parse(degraded?.lastTransitionTime ?? '');
  const afterMs = toldMs - Date.parse(job?.metadata.creationTimestamp ?? '');
  return { afterMs, explanation: mallSync.status?.explanation ?? '' };
}

async function expectRunAlone(name: string, day: string): Promise<void> {
  const { metadata, status } = await namespace.waitFor(`the end of ${name}`, async () => {
    const seen = await namespace.kubectlJson<SeenMallSync>(['get', 'mallsync', name]);
    return seen.status?.completionTime !== undefined && seen;
  });
  expect(status?.malls).toMatchObject({ total: 1, succeeded: 1 });
  expect(await listEventWords(namespace, metadata.name)).toEqual([
    'Normal Admitted',
    'Warning CannotStart',
    'Normal Succeeded',
  ]);
  const pods = await listPods(namespace, ['--selector', `mallsync.io/mallsync=${name}`]);
  expect(pods.length).toBe(1);
  const executions = (await listExecutions(beside)).filter(({ mallSync }) => mallSync === name);
  expect(executions).toMatchObject([{ ...MALL, attemptCount: 1, status: 'COMPLETED', startDate: `${day}T00:00:00` }]);
}

describe('production, beside another installation in the same database', () => {
  it('is migrated by the hook into its own schema, and passes its check with a mall', async () => {
    const [applied] = await beside.query<{ count: number }>('select count(*)::integer from mallsync.tb_mall_config');
    expect(applied?.count).toBe(0);
    const exec = ['exec', '--stdin', `deploy/${RELEASE}-toolbox`, '--', 'mallsync', 'malls', 'import', '-'];
    const said = await namespace.kubectl(exec, { input: JSON.stringify([buildImport(MALL.mallId)]) });
    expect(said).toBe(`mall ${MALL.mallId} added, credential stored\n`);
    expect(await namespace.helm(['test', RELEASE])).toMatch(/Phase: +Succeeded/);
    const hooks = await namespace.kubectl(['get', 'jobs', '--output', 'name']);
    expect(hooks).toBe('');
    const [others] = await trial.query<{ count: number }>('select count(*)::integer from mallsync.tb_mall_config');
    expect(others?.count).toBe(7);
  });
});

describe('a Job that cannot start', () => {
  it('says within 30 s that no node fits, and runs by itself when one does', async () => {
    await applyMallSync('no-node', '2025-12-01');
    const { afterMs, explanation } = await waitForObstacle('no-node', 'Unschedulable');
    expect(afterMs).toBeLessThanOrEqual(EXPLAINED_WITHIN_MS);
    expect(explanation).toMatch(/node/);
    await letNodeFit();
    await expectRunAlone('no-node', '2025-12-01');
    const day = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-01T23:59:59' };
    await expectTruth({ db: beside, simulator: trial.simulator }, MALL, 'SALES', day);
  });

  it('says within 30 s that its image cannot be pulled, and runs by itself when it can', async () => {
    await letNodeFit();
    const deployment = `deployment/${RELEASE}-controller`;
    await namespace.kubectl(['set', 'env', deployment, `MALLSYNC_JOB_IMAGE=${ABSENT_IMAGE}`]);
    await namespace.kubectl(['rollout', 'status', deployment, '--timeout=120s']);
    await applyMallSync('no-image', '2025-12-02');
    const { afterMs, explanation } = await waitForObstacle('no-image', 'ImagePull');
    expect(afterMs).toBeLessThanOrEqual(EXPLAINED_WITHIN_MS);
    expect(explanation).toContain(ABSENT_IMAGE);
    if (await provideImage(ABSENT_IMAGE)) {
      await expectRunAlone('no-image', '2025-12-02');
      await forgetImage(ABSENT_IMAGE);
      return;
    }
    // nobody can give these nodes an image: whoever cancels it is heard all the same
    await namespace.kubectl(['patch', 'mallsync', 'no-image', '--type=merge', '--patch', '{"spec":{"cancel":true}}']);
    const stopped = async (): Promise<boolean> => (await listExecutions(beside)).at(-1)?.status === 'STOPPED';
    await namespace.waitFor('its end', stopped);
  });
});
