import { z } from 'zod';
import type { JobEnd, ObservedJob } from '../../controller/observed-job.ts';
import { LABELS } from './object-labels.ts';
import { condition, findController, instant, objectMeta, readIdLabel } from './object-meta.ts';
import { OUTCOME_FINALIZER } from './resource-path.ts';

const job = z.object({
  metadata: objectMeta,
  spec: z.object({ suspend: z.boolean().nullish() }).nullish(),
  status: z
    .object({
      startTime: instant.nullish(),
      conditions: z.array(condition).nullish(),
    })
    .nullish(),
});

type RawCondition = NonNullable<NonNullable<z.output<typeof job>['status']>['conditions']>[number];

/** SuccessCriteriaMet and FailureTarget come before these, while pods may still run. */
const TERMINAL: Readonly<Record<string, JobEnd['kind']>> = { Complete: 'complete', Failed: 'failed' };

/**
 * Holds nothing of `raw` but what decisions need.
 * @throws ZodError when it is no Job
 */
export function parseJob(raw: unknown): ObservedJob {
  const { metadata, spec, status } = job.parse(raw);
  const owner = findController(metadata, 'MallSync');
  return {
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    ownerUid: owner?.uid ?? null,
    mallSyncName: owner?.name ?? metadata.labels?.[LABELS.mallSync] ?? null,
    executionId: readIdLabel(metadata, LABELS.executionId),
    instanceId: readIdLabel(metadata, LABELS.instanceId),
    isDeleting: typeof metadata.deletionTimestamp === 'string',
    hasOutcomeFinalizer: metadata.finalizers?.includes(OUTCOME_FINALIZER) ?? false,
    isSuspended: spec?.suspend ?? false,
    createdAtMs: metadata.creationTimestamp,
    startedAtMs: status?.startTime ?? null,
    end: findEnd(status?.conditions ?? [], metadata.creationTimestamp),
  };
}

function findEnd(conditions: readonly RawCondition[], createdAtMs: number): JobEnd | null {
  for (const { type, status, reason, message, lastTransitionTime } of conditions) {
    const kind = TERMINAL[type];
    if (kind === undefined || status !== 'True') continue;
    return { kind, reason: reason ?? '', message: message ?? '', atMs: lastTransitionTime ?? createdAtMs };
  }
  return null;
}
