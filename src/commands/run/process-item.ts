import type { Admission } from '../../adapters/postgres/admission.ts';
import { admitExecution } from '../../adapters/postgres/admission.ts';
import { claimWithPatience } from '../../adapters/postgres/claim.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { ProgressEvent } from '../../adapters/telemetry/progress.ts';
import { toSyncError } from '../../domain/errors.ts';
import { isComplete } from '../../domain/execution.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import type { ExecutionReport, ReportedEnd } from './execution-report.ts';
import { buildReport } from './execution-report.ts';
import { runToEnd } from './run-to-end.ts';
import type { WorkItem } from './work-item.ts';

export interface ItemPorts {
  readonly environment: ExecutionEnvironment;
  readonly log: Logger;
  readonly emit: (event: ProgressEvent) => void;
}

/** One item from its admission to its end. Never rejects: whatever happens is in the report. */
export async function processItem(item: WorkItem, ports: ItemPorts, signal: AbortSignal): Promise<ExecutionReport> {
  const { clock } = ports.environment;
  const startMs = clock.monotonicMs();
  const end = await endItem(item, ports, signal).catch((thrown: unknown): ReportedEnd => {
    const error = toSyncError(signal.aborted ? signal.reason : thrown);
    ports.log.debug('item failed', { mallId: item.mall.mallId, domainType: item.domainType, error: thrown });
    return { kind: 'not-begun', status: 'REFUSED', reason: error.reason, message: error.message };
  });
  const report = buildReport(item, end, (clock.monotonicMs() - startMs) / 1_000);
  ports.emit({
    kind: 'ended',
    mallId: report.mallId,
    domainType: report.domainType,
    status: report.status === 'REFUSED' ? 'FAILED' : report.status,
    isAlreadyComplete: report.alreadyComplete,
    reason: report.failureReason,
    rows: report.read,
  });
  return report;
}

async function endItem(item: WorkItem, ports: ItemPorts, signal: AbortSignal): Promise<ReportedEnd> {
  const { environment } = ports;
  const admission = await admitItem(item, environment);
  switch (admission.kind) {
    case 'refused':
      return { kind: 'not-begun', status: 'REFUSED', reason: admission.reason, message: admission.message };
    case 'already-complete':
      return { kind: 'already-complete', execution: admission.execution };
    case 'admitted':
    case 'adopt':
    case 'live':
      return await takeOver(item, admission, ports, signal);
  }
}

function admitItem(item: WorkItem, { database, installationId }: ExecutionEnvironment): Promise<Admission> {
  const { mall, ...wish } = item;
  return admitExecution(database, {
    mallId: mall.mallId,
    ...wish,
    installationId,
    onUsedAttempt: 'next',
  });
}

/** A live execution whose process has gone is gone on with; one that another process holds is left to it. */
async function takeOver(
  item: WorkItem,
  admission: Extract<Admission, { readonly kind: 'admitted' | 'adopt' | 'live' }>,
  ports: ItemPorts,
  signal: AbortSignal,
): Promise<ReportedEnd> {
  const { database, holder, clock } = ports.environment;
  const executionId = admission.kind === 'admitted' ? admission.executionId : admission.execution.executionId;
  const claim = await claimWithPatience(database, executionId, holder, clock, signal);
  switch (claim.kind) {
    case 'claimed':
      return await runToEnd(claim.execution, item.mall, ports, signal);
    case 'busy':
      return {
        kind: 'not-begun',
        status: 'REFUSED',
        reason: 'LeaseLost',
        message: `execution ${executionId} is held by ${claim.holder ?? 'another process'}`,
      };
    case 'settled':
      return admission.kind === 'live' && isComplete(claim.status)
        ? { kind: 'already-complete', execution: admission.execution }
        : {
            kind: 'not-begun',
            status: 'REFUSED',
            reason: 'DuplicateRefused',
            message: `execution ${executionId} was ended as ${claim.status} by another process`,
          };
  }
}
