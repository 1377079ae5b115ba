import { expect } from 'vitest';
import type { SeenExecution } from './e2e-ledger.ts';
import type { E2eNamespace } from './e2e-namespace.ts';

interface Labelled {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
}

export interface SeenJob extends Labelled {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly reason?: string }[] };
}

export interface SeenPod extends Labelled {
  readonly status: {
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
    readonly initContainerStatuses?: readonly { readonly restartCount: number }[];
  };
}

const OF_SYNC = ['--selector', 'app.kubernetes.io/component=sync'];

/** The Jobs of the controller. */
export async function listSyncJobs({ kubectlJson }: Pick<E2eNamespace, 'kubectlJson'>): Promise<readonly SeenJob[]> {
  return (await kubectlJson<{ readonly items: readonly SeenJob[] }>(['get', 'jobs', ...OF_SYNC])).items;
}

/** All pods, or those of the controller's Jobs. */
export async function listPods(
  { kubectlJson }: Pick<E2eNamespace, 'kubectlJson'>,
  selector: readonly string[] = [],
): Promise<readonly SeenPod[]> {
  return (await kubectlJson<{ readonly items: readonly SeenPod[] }>(['get', 'pods', ...selector])).items;
}

/**
 * One Job for each execution and one pod for each Job, both with the parameters as labels; every Job has ended as its
 * execution has, and its outcome is in the ledger.
 */
export async function expectOneJobEach(namespace: E2eNamespace, executions: readonly SeenExecution[]): Promise<void> {
  const jobs = new Map((await listSyncJobs(namespace)).map((job) => [job.metadata.name, job]));
  const pods = Map.groupBy(
    await listPods(namespace, OF_SYNC),
    ({ metadata }) => metadata.labels['batch.kubernetes.io/job-name'] ?? '',
  );
  expect([...jobs.keys()].toSorted()).toEqual(executions.map(({ jobName }) => jobName).toSorted());
  for (const execution of executions) {
    const labels = buildExpectedLabels(execution);
    const job = jobs.get(execution.jobName);
    expect(job?.metadata.labels, execution.jobName).toMatchObject(labels);
    expect(job?.metadata.finalizers, execution.jobName).toBeUndefined();
    const own = pods.get(execution.jobName) ?? [];
    expect(own.length, `pods of ${execution.jobName}`).toBe(1);
    expect(own[0]?.metadata.labels, execution.jobName).toMatchObject(labels);
    expect(findEnd(job), execution.jobName).toEqual(
      execution.status === 'FAILED' ? { type: 'Failed', reason: 'PodFailurePolicy' } : { type: 'Complete' },
    );
  }
}

function findEnd(job: SeenJob | undefined): object | undefined {
  const ends = job?.status.conditions?.filter(({ type }) => type === 'Complete' || type === 'Failed') ?? [];
  return ends.map(({ type, reason }) => (type === 'Failed' ? { type, reason } : { type }))[0];
}

function buildExpectedLabels(execution: SeenExecution): Readonly<Record<string, string>> {
  const compact = (time: string): string => time.replaceAll(/[-:]/g, '');
  return {
    'app.kubernetes.io/name': 'mallsync',
    'app.kubernetes.io/component': 'sync',
    'app.kubernetes.io/managed-by': 'mallsync-controller',
    'app.kubernetes.io/part-of': 'mallsync',
    'mallsync.io/mallsync': execution.mallSync,
    'mallsync.io/execution-id': execution.executionId,
    'mallsync.io/instance-id': execution.instanceId,
    'mallsync.io/mall-id': String(execution.mallId),
    'mallsync.io/domain-type': execution.domainType,
    'mallsync.io/start-date': compact(execution.startDate),
    'mallsync.io/end-date': compact(execution.endDate),
    'mallsync.io/page-size': String(execution.pageSize),
    'mallsync.io/attempt-count': String(execution.attemptCount),
  };
}

/** Pods of which a container was started more than once; empty in a quiet namespace. */
export async function listRestarted(namespace: E2eNamespace): Promise<readonly string[]> {
  return (await listPods(namespace)).flatMap(({ metadata, status }) => {
    const containers = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
    return containers.some(({ restartCount }) => restartCount > 0) ? [metadata.name] : [];
  });
}

interface SeenEvent {
  readonly reason: string;
  readonly type: string;
  readonly note: string;
  readonly regarding: { readonly kind: string; readonly name: string };
  readonly series?: { readonly count: number };
}

/** What was told of a MallSync, the oldest first: `Normal Admitted`. One that was told again counts again. */
export async function listEvents(namespace: E2eNamespace, name: string): Promise<readonly SeenEvent[]> {
  type EventList = { readonly items: readonly (SeenEvent & { readonly eventTime: string })[] };
  const list = await namespace.kubectlJson<EventList>(['get', 'events.events.k8s.io']);
  return list.items
    .filter(({ regarding }) => regarding.kind === 'MallSync' && regarding.name === name)
    .toSorted((a, b) => a.eventTime.localeCompare(b.eventTime))
    .flatMap((event) => Array.from({ length: event.series?.count ?? 1 }, () => event));
}

export async function listEventWords(namespace: E2eNamespace, name: string): Promise<readonly string[]> {
  return (await listEvents(namespace, name)).map(({ type, reason }) => `${type} ${reason}`);
}
