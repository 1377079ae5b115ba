import type { KubeObject } from './api-server-door.ts';
import type { ClusterWorld } from './cluster-world.ts';
import { beforeEndOf } from './process-signals.ts';
import type { Started } from './program.ts';
import type { TestKubelet } from './test-kubelet.ts';
import type { SeenJob } from './test-kubelet-record.ts';

const LEASE = 'mallsync-controller';

/** The first 20 Jobs come at once, the others slowly enough for a process to be met between two of them. */
export const SLOWLY = { MALLSYNC_JOBS_PER_SECOND: '4', MALLSYNC_JOB_LIMIT: '500' };
export const AT_ONCE = { MALLSYNC_JOBS_PER_SECOND: '0', MALLSYNC_JOB_LIMIT: '500' };

export function toLeasePath({ namespace }: Pick<ClusterWorld, 'namespace'>): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${LEASE}`;
}

/** Null when nobody holds it. */
export async function readHolder(world: ClusterWorld): Promise<string | null> {
  const { spec } = await world.client.request('GET', toLeasePath(world));
  return spec.holderIdentity === undefined || spec.holderIdentity === '' ? null : spec.holderIdentity;
}

/** Resolves with its epoch as soon as the controller leads. */
export async function awaitLead(controller: Started): Promise<number> {
  const [, epoch] = await beforeEndOf(controller, controller.waitForError(/"epoch":(\d+)[^\n]*"leading"/));
  return Number(epoch);
}

/** Resolves as soon as it knows that another leads. */
export async function awaitStandby(controller: Started): Promise<void> {
  await beforeEndOf(controller, controller.waitForError(/"isSelf":false[^\n]*"leader observed"/));
}

export async function awaitUrl(controller: Started): Promise<string> {
  const [, url = ''] = await beforeEndOf(controller, controller.waitForError(/"url":"(http:[^"]+)"/));
  return url;
}

export async function readEpoch({ database }: ClusterWorld): Promise<number> {
  const rows = await database.query<{ epoch: number }>('select epoch::integer from mallsync.tb_controller_epoch');
  return rows[0]?.epoch ?? 0;
}

export function listJobsOf(kubelet: TestKubelet, mallSync: string): readonly SeenJob[] {
  return kubelet.record.list().filter((job) => job.mallSync === mallSync);
}

/** Executions by their status, of one MallSync. */
export async function countRuns(
  { database }: Pick<ClusterWorld, 'database'>,
  mallSync: string,
): Promise<Readonly<Record<string, number>>> {
  const rows = await database.query<{ status: string; count: number }>(
    `select status, count(*)::integer from mallsync.tb_batch_execution_summary where mallsync_name = $1 group by status`,
    [mallSync],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** What there is more than once though it may not be. */
export function listTwice(counts: ReadonlyMap<string | number, number>): readonly (string | number)[] {
  return [...counts].filter(([, count]) => count > 1).map(([key]) => key);
}

export function isFinished(mallSync: KubeObject): boolean {
  return mallSync?.status?.completionTime !== undefined;
}
