import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installMallsync, type Mallsync } from '../support/e2e-install.ts';
import { listExecutions } from '../support/e2e-ledger.ts';
import { useNamespace } from '../support/e2e-namespace.ts';
import { createPageUsers, openClusterPage, PAGE_USERS_SECRET, type ClusterPage } from '../support/e2e-page.ts';
import { expectTruth } from '../support/truth.ts';

interface SeenRun {
  readonly executionId: number;
  readonly mallId: number;
  readonly domainType: string;
  readonly status: string;
  readonly failureReason: string | null;
  readonly mallSyncName: string | null;
  readonly jobName: string | null;
}

interface SeenRequest {
  readonly isOver: boolean;
  readonly isServed: boolean;
  readonly items: readonly { readonly mallId: number; readonly outcome: string; readonly executionId: number | null }[];
}

const MALLS = 4;
const CAMPING = 3;
const DENIM = 4;

const namespace = await useNamespace('page');
let mallsync: Mallsync;
let page: ClusterPage;

beforeAll(async () => {
  await createPageUsers(namespace);
  const resources = { requests: { cpu: '1m', memory: '32Mi' } };
  mallsync = await installMallsync(namespace, {
    values: {
      trial: { malls: MALLS },
      admin: { enabled: true, publicUrl: 'http://127.0.0.1:8080', existingSecret: PAGE_USERS_SECRET, resources },
    },
  });
  page = await openClusterPage(namespace);
});
afterAll(() => mallsync.stop());

async function listFailed(): Promise<readonly SeenRun[]> {
  return (await page.get<{ readonly rows: readonly SeenRun[] }>('/runs?status=FAILED')).rows;
}

describe('the page in a cluster', () => {
  it('runs under a service account that has no right and no token', async () => {
    const pod = await namespace.kubectlJson<{
      readonly items: readonly { readonly spec: { readonly automountServiceAccountToken: boolean } }[];
    }>(['get', 'pods', '--selector', 'app.kubernetes.io/component=admin']);
    expect(pod.items.map(({ spec }) => spec.automountServiceAccountToken)).toEqual([false]);
    const account = `system:serviceaccount:${namespace.namespace}:mallsync-admin`;
    for (const act of [
      ['create', 'mallsyncs.mallsync.io'],
      ['get', 'mallsyncs.mallsync.io'],
      ['get', 'secrets'],
      ['create', 'jobs.batch'],
    ]) {
      const answer = await namespace
        .kubectl(['auth', 'can-i', ...act, `--as=${account}`])
        .catch((error: unknown) => String(error));
      expect(answer, act.join(' ')).not.toMatch(/^yes/m);
    }
  });

  it('shows a night’s failures to who signs in and to nobody else', async () => {
    await mallsync.simulator.control.addFault('sample-camping', {
      endpoint: 'orders/count',
      kind: 'count-off',
      times: 5,
    });
    await mallsync.simulator.control.addFault('sample-denim', {
      endpoint: 'customersprivacy',
      kind: 'scope-403',
      times: 1,
    });
    await mallsync.createNight('page-night');
    await mallsync.waitForNight();

    expect((await fetch(`${page.url}/api/v1/runs`)).status).toBe(401);
    const front = await fetch(`${page.url}/runs`, { redirect: 'manual' });
    expect([front.status, front.headers.get('location')]).toEqual([303, '/sign-in?next=%2Fruns']);
    expect(
      (await listFailed()).map(({ mallId, domainType, failureReason }) => [mallId, domainType, failureReason]),
    ).toEqual(
      expect.arrayContaining([
        [CAMPING, 'ORDER', 'IncompleteRead'],
        [DENIM, 'MEMBER', 'PermissionDenied'],
      ]),
    );
  });

  it('has the chosen ones run again by the controller, once however often it is clicked', async () => {
    const failed = await listFailed();
    expect(failed).toHaveLength(2);
    const body = { executionIds: failed.map(({ executionId }) => executionId) };
    const first = await page.post<{ readonly key: string; readonly isNew: boolean }>('/reruns', 'page-e2e', body);
    const again = await page.post<{ readonly key: string; readonly isNew: boolean }>('/reruns', 'page-e2e', body);
    expect([first.isNew, again]).toEqual([true, { ...first, isNew: false }]);

    const request = await namespace.waitFor(
      'the end of the request',
      async () => {
        const seen = await page.get<SeenRequest>(`/requests/${first.key}`);
        return seen.isOver && seen;
      },
      180,
    );
    expect(request.isServed).toBe(true);
    expect(request.items.map(({ mallId, outcome }) => `${mallId} ${outcome}`).toSorted()).toEqual([
      `${CAMPING} completed`,
      `${DENIM} completed`,
    ]);
    for (const { executionId } of request.items) {
      const { mallSyncName, jobName } = await page.get<SeenRun>(`/runs/${executionId}`);
      expect([mallSyncName, jobName]).toEqual([expect.stringMatching(/^rerun-/), expect.stringMatching(/^ms-/)]);
    }
    const mallSyncs = (await mallsync.listMallSyncs()).filter(({ metadata }) => metadata.name.startsWith('rerun-'));
    expect(mallSyncs).toHaveLength(2);
    const runs = (await listExecutions(mallsync)).filter(({ mallSync }) => mallSync.startsWith('rerun-'));
    expect(runs).toHaveLength(2);
    for (const run of runs)
      await expectTruth({ db: mallsync, simulator: mallsync.simulator }, run, run.domainType, run);
  });

  it('keeps what was asked for and by whom', async () => {
    const acts = await page.get<{ readonly entries: readonly { readonly actor: string; readonly action: string }[] }>(
      '/audit',
    );
    const asked = acts.entries.filter(({ actor, action }) => actor === 'oncall' && action === 'run again');
    expect(asked).toHaveLength(2);
  });
});
