import { createHash } from 'node:crypto';
import type { JobOrder } from '../../controller/cluster.ts';
import type { ObservedJob } from '../../controller/observed-job.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { JobSettings } from './job-settings.ts';
import { LABELS, MANAGED_BY } from './object-labels.ts';
import { SYNC_CONTAINER } from './pod-parser.ts';
import { buildPodSpec } from './pod-template.ts';
import { GROUP, OUTCOME_FINALIZER, VERSION } from './resource-path.ts';

/** A label's value holds no more, and the Job's name is a label of its pods. */
const MOST_LETTERS = 63;
const HASH_LETTERS = 12;

/** Retries of the pod, for failures that a retry may mend. */
const BACKOFF_LIMIT = 3;

/** The one name of the Job of an execution: made from the parameters that name the execution, and from nothing else. */
export function toJobName({ spec, run }: JobOrder): string {
  const { domainType, period } = spec;
  const name = [
    'ms',
    domainType,
    run.mallId,
    toCompactTime(period.startDate),
    toCompactTime(period.endDate),
    run.attemptCount,
  ]
    .join('-')
    .toLowerCase();
  if (name.length <= MOST_LETTERS) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LETTERS);
  return `${name.slice(0, MOST_LETTERS - HASH_LETTERS - 1).replace(/-$/, '')}-${hash}`;
}

/** The Job that runs `sync` for one execution, as it is sent to the API server. */
export function buildJob(order: JobOrder, settings: JobSettings): object {
  const labels = buildLabels(order);
  const { queueName, podLabels, podAnnotations } = settings;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: toJobName(order),
      labels: { ...labels, ...(queueName === null ? {} : { [LABELS.queueName]: queueName }) },
      annotations: buildAnnotations(order),
      ownerReferences: [buildOwner(order)],
      finalizers: [OUTCOME_FINALIZER],
    },
    spec: {
      // Kueue admits by lifting it; created without, a pod could start before its webhook was asked
      ...(queueName === null ? {} : { suspend: true }),
      parallelism: 1,
      completions: 1,
      backoffLimit: BACKOFF_LIMIT,
      activeDeadlineSeconds: order.spec.activeDeadlineSeconds,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: POD_FAILURE_POLICY,
      template: {
        metadata: {
          labels: { ...podLabels, ...labels },
          ...(Object.keys(podAnnotations).length === 0 ? {} : { annotations: podAnnotations }),
        },
        spec: buildPodSpec(toArguments(order), settings),
      },
    },
  };
}

/** Whether `job` is the order's own: same name alone may be another MallSync's, or one of a database that is gone. */
export function isJobOf(job: ObservedJob, order: JobOrder): boolean {
  return (
    job.name === toJobName(order) &&
    job.ownerUid === order.mallSync.uid &&
    job.executionId === order.run.executionId &&
    job.instanceId === order.run.instanceId
  );
}

/** What no retry mends ends the Job at once; a pod that the cluster took away costs no retry; all else counts. */
const POD_FAILURE_POLICY = {
  rules: [
    {
      action: 'FailJob',
      onExitCodes: {
        containerName: SYNC_CONTAINER,
        operator: 'In',
        values: [EXIT.usage, EXIT.data, EXIT.permission, EXIT.config],
      },
    },
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
  ],
};

/** The parameters as labels, so that Jobs and pods are found by them. */
function buildLabels({ mallSync, spec, run }: JobOrder): Readonly<Record<string, string>> {
  return {
    [LABELS.name]: 'mallsync',
    [LABELS.component]: 'sync',
    [LABELS.managedBy]: MANAGED_BY,
    [LABELS.partOf]: 'mallsync',
    [LABELS.mallSync]: mallSync.name,
    [LABELS.executionId]: String(run.executionId),
    [LABELS.instanceId]: String(run.instanceId),
    [LABELS.mallId]: String(run.mallId),
    [LABELS.domainType]: spec.domainType,
    [LABELS.startDate]: toCompactTime(spec.period.startDate),
    [LABELS.endDate]: toCompactTime(spec.period.endDate),
    [LABELS.pageSize]: String(run.pageSize),
    [LABELS.attemptCount]: String(run.attemptCount),
  };
}

function buildAnnotations({ spec }: JobOrder): Readonly<Record<string, string>> {
  const { startDate, endDate } = spec.period;
  return { [`${GROUP}/period`]: `${startDate} to ${endDate} Asia/Seoul` };
}

/** It does not hold up a deletion in the foreground: the controller ends the Jobs of a MallSync that goes. */
function buildOwner({ mallSync }: JobOrder): object {
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'MallSync',
    name: mallSync.name,
    uid: mallSync.uid,
    controller: true,
    blockOwnerDeletion: false,
  };
}

function toArguments({ spec, run }: JobOrder): readonly string[] {
  const options = {
    'mall-id': run.mallId,
    'domain-type': spec.domainType,
    'start-date': spec.period.startDate,
    'end-date': spec.period.endDate,
    'page-size': run.pageSize,
    'attempt-count': run.attemptCount,
  };
  return ['sync', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])];
}

/** `2025-12-01T00:00:00` to `20251201T000000`: names and labels hold no colon. */
export function toCompactTime(localTime: string): string {
  return localTime.replaceAll(/[-:]/g, '');
}
