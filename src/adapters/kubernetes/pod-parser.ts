import { z } from 'zod';
import type { ObservedPod } from '../../controller/observed-job.ts';
import type { FailureReason } from '../../domain/failure.ts';
import { LABELS } from './object-labels.ts';
import { condition, findController, instant, objectMeta } from './object-meta.ts';
import { parseRunReport } from './run-report.ts';

/** The container that runs `sync`; others of the pod come from the pod template. */
export const SYNC_CONTAINER = 'sync';

const containerStatus = z.object({
  name: z.string(),
  state: z
    .object({
      waiting: z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
      terminated: z
        .object({
          exitCode: z.int(),
          reason: z.string().nullish(),
          message: z.string().nullish(),
          finishedAt: instant.nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

const pod = z.object({
  metadata: objectMeta,
  status: z
    .object({
      reason: z.string().nullish(),
      message: z.string().nullish(),
      startTime: instant.nullish(),
      conditions: z.array(condition).nullish(),
      initContainerStatuses: z.array(containerStatus).nullish(),
      containerStatuses: z.array(containerStatus).nullish(),
    })
    .nullish(),
});

type RawPod = z.output<typeof pod>;
type Trouble = NonNullable<ObservedPod['trouble']>;

/** What the kubelet says of a container that cannot start, in our words. */
const WAITING: Readonly<Record<string, FailureReason>> = {
  ErrImagePull: 'ImagePull',
  ImagePullBackOff: 'ImagePull',
  InvalidImageName: 'ImagePull',
  ErrImageNeverPull: 'ImagePull',
  ImageInspectError: 'ImagePull',
  RegistryUnavailable: 'ImagePull',
  CreateContainerConfigError: 'ConfigInvalid',
  CreateContainerError: 'ConfigInvalid',
  RunContainerError: 'ConfigInvalid',
};

const TERMINATED: Readonly<Record<string, FailureReason>> = {
  OOMKilled: 'OutOfMemory',
  StartError: 'ConfigInvalid',
  ContainerCannotRun: 'ConfigInvalid',
};

/**
 * Holds nothing of `raw` but what decisions need.
 * @throws ZodError when it is no pod
 */
export function parsePod(raw: unknown): ObservedPod {
  const parsed = pod.parse(raw);
  const { metadata } = parsed;
  return {
    name: metadata.name,
    uid: metadata.uid,
    jobName: metadata.labels?.[LABELS.jobName] ?? findController(metadata, 'Job')?.name ?? '',
    createdAtMs: metadata.creationTimestamp,
    isDeleting: typeof metadata.deletionTimestamp === 'string',
    trouble: findEviction(parsed) ?? findCrash(parsed) ?? findWaiting(parsed) ?? findUnschedulable(parsed),
    termination: findTermination(parsed),
  };
}

function findEviction({ metadata, status }: RawPod): Trouble | null {
  const disruption = findCondition(status, 'DisruptionTarget', 'True');
  if (disruption === undefined && status?.reason !== 'Evicted') return null;
  const message = status?.message ?? disruption?.message ?? disruption?.reason ?? 'the node evicted the pod';
  const sinceMs = disruption?.lastTransitionTime ?? status?.startTime ?? metadata.creationTimestamp;
  return { reason: 'Evicted', message, sinceMs };
}

function findCrash({ metadata, status }: RawPod): Trouble | null {
  for (const { name, state } of listContainers(status)) {
    const reason = TERMINATED[state?.terminated?.reason ?? ''];
    if (reason === undefined) continue;
    const { exitCode, finishedAt, message } = state?.terminated ?? {};
    const told = reason === 'OutOfMemory' ? 'passed its memory limit' : (message ?? 'could not be started');
    const sinceMs = finishedAt ?? metadata.creationTimestamp;
    return { reason, message: `container ${name} ${told} (exit code ${exitCode})`, sinceMs };
  }
  return null;
}

function findWaiting({ metadata, status }: RawPod): Trouble | null {
  for (const { state } of listContainers(status)) {
    const word = state?.waiting?.reason ?? '';
    const reason = WAITING[word];
    if (reason === undefined) continue;
    const message = state?.waiting?.message ?? word;
    return { reason, message, sinceMs: status?.startTime ?? metadata.creationTimestamp };
  }
  return null;
}

function findUnschedulable({ metadata, status }: RawPod): Trouble | null {
  const unscheduled = findCondition(status, 'PodScheduled', 'False');
  if (unscheduled?.reason !== 'Unschedulable') return null;
  const message = unscheduled.message ?? 'no node fits the pod';
  return { reason: 'Unschedulable', message, sinceMs: unscheduled.lastTransitionTime ?? metadata.creationTimestamp };
}

function findTermination({ status }: RawPod): ObservedPod['termination'] {
  const sync = status?.containerStatuses?.find(({ name }) => name === SYNC_CONTAINER);
  const terminated = sync?.state?.terminated;
  if (terminated === null || terminated === undefined) return null;
  return { exitCode: terminated.exitCode, ...parseRunReport(terminated.message ?? '') };
}

function listContainers(status: RawPod['status']): readonly z.output<typeof containerStatus>[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

type RawCondition = NonNullable<NonNullable<RawPod['status']>['conditions']>[number];

function findCondition(status: RawPod['status'], type: string, value: string): RawCondition | undefined {
  return status?.conditions?.find((each) => each.type === type && each.status === value);
}
