import { z } from 'zod';
import { DEFAULT_PRIORITY } from '../../controller/default-priority.ts';
import type { MallFailure, MallSync, MallSyncSpec, MallSyncStatus } from '../../controller/mall-sync.ts';
import { TerminalError } from '../../domain/errors.ts';
import { isFailureReason } from '../../domain/failure.ts';
import { parsePeriod } from '../../domain/period.ts';
import { mallSyncSpec } from './mall-sync-schema.ts';
import { mallSyncStatus } from './mall-sync-status-schema.ts';
import { LABELS } from './object-labels.ts';
import { objectMeta, readIdLabel } from './object-meta.ts';

const mallSync = z.object({ metadata: objectMeta, spec: z.unknown().optional(), status: z.unknown().optional() });

/**
 * Never throws for a spec or status that cannot be read.
 * @throws ZodError when it is no object of the cluster
 */
export function parseMallSync(raw: unknown): MallSync {
  const { metadata, spec, status } = mallSync.parse(raw);
  return {
    name: metadata.name,
    uid: metadata.uid,
    generation: metadata.generation,
    resourceVersion: metadata.resourceVersion,
    createdAtMs: metadata.creationTimestamp,
    isDeleting: typeof metadata.deletionTimestamp === 'string',
    retryRequestId: readIdLabel(metadata, LABELS.retryRequest),
    ...parseSpec(spec),
    status: parseStatus(status),
  };
}

function parseSpec(raw: unknown): Pick<MallSync, 'spec' | 'fault'> {
  const result = mallSyncSpec.safeParse(raw);
  if (!result.success) return { spec: null, fault: describeFaults(result.error) };
  try {
    return { spec: toSpec(result.data), fault: null };
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return { spec: null, fault: error.message };
  }
}

function toSpec({ startDate, endDate, ...given }: z.output<typeof mallSyncSpec>): MallSyncSpec {
  return {
    ...given,
    period: parsePeriod(startDate, endDate),
    mallIds: given.mallIds ?? null,
    mallSelector: given.mallSelector ?? null,
    attemptCount: given.attemptCount ?? null,
    replay: given.replay ?? null,
    priority: given.priority ?? DEFAULT_PRIORITY[given.trigger],
  };
}

function describeFaults({ issues }: z.core.$ZodError): string {
  return issues.map(({ path, message }) => `${['spec', ...path].join('.')}: ${message}`).join('; ');
}

/** Null where the controller has not written one yet, or a version that this one cannot read has. */
function parseStatus(raw: unknown): MallSyncStatus | null {
  const result = mallSyncStatus.safeParse(raw);
  if (!result.success) return null;
  const { startTime, completionTime, failures, ...rest } = result.data;
  return {
    ...rest,
    failures: failures.flatMap(toFailure),
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
  };
}

function toFailure(raw: z.output<typeof mallSyncStatus>['failures'][number]): readonly MallFailure[] {
  const { mallId, reason, message, attempt, executionId } = raw;
  if (!isFailureReason(reason)) return [];
  return [
    {
      mallId,
      reason,
      message,
      ...(attempt === undefined ? {} : { attempt }),
      ...(executionId === undefined ? {} : { executionId }),
    },
  ];
}
