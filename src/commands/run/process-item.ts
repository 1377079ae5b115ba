import type { Admission } from '../../adapters/postgres/admission.ts';
import { admitExecution } from '../../adapters/postgres/admission.ts';
import { claimWithPatience } from '../../adapters/postgres/claim.ts';
import { describeLive } from '../../domain/admission.ts';
import { toSyncError } from '../../domain/errors.ts';
import { isComplete } from '../../domain/execution.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import type { ExecutionReport, ReportedEnd } from './execution-report.ts';
import { buildReport } from './execution-report.ts';
import type { ItemPorts } from './item-ports.ts';
import { runToEnd } from './run-to-end.ts';
import type { WorkItem } from './work-item.ts';

/** One item from its admission to its end. Never rejects: whatever happens is in the report. */
export async function processItem(item: WorkItem, ports: ItemPorts, signal: AbortSignal): Promise<ExecutionReport> {
  const { clock } = ports.environment;
  const startMs = clock.monotonicMs();
  const end = await endItem(item, ports, signal).catch((thrown: unknown): ReportedEnd => {
    const error = toSyncError(signal.aborted ? signal.reason : thrown);
    ports.log.debug('item failed', { mallId: item.mall.mallId, domainType: item.domainType, error: thrown });
    return toNotBegun(error.reason, error.message);
  });
  const report = buildReport(item, end, (clock.monotonicMs() - startMs) / 1_000);
  ports.emit({
    kind: 'ended',
    executionId: report.executionId,
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
  for (;;) {
    const admission = await admitItem(item, ports.environment);
    if (admission.kind === 'refused') return toNotBegun(admission.reason, admission.message);
    if (admission.kind === 'already-complete') return { kind: 'already-complete', execution: admission.execution };
    const end = await takeOver(item, admission, ports, signal);
    const isOver = end.kind === 'ended' || end.kind === 'already-complete';
    if (!isOver || !isOfAnotherKind(item, admission)) return end;
  }
}

/** A replay reads no windows, so its end says nothing of a period that was asked for; nor the other way round. */
function isOfAnotherKind(item: WorkItem, admission: Admission): boolean {
  return admission.kind === 'live' && (admission.execution.mode === 'REPLAY') !== (item.mode === 'REPLAY');
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

/** A live execution whose process has gone is gone on with; one that a process or a MallSync holds is left to it. */
async function takeOver(
  item: WorkItem,
  admission: Extract<Admission, { readonly kind: 'admitted' | 'adopt' | 'live' }>,
  ports: ItemPorts,
  signal: AbortSignal,
): Promise<ReportedEnd> {
  const { database, holder, clock } = ports.environment;
  if (admission.kind === 'live' && admission.execution.mallSyncName !== null) {
    return toNotBegun('DuplicateRefused', describeLive(admission.execution));
  }
  const executionId = admission.kind === 'admitted' ? admission.executionId : admission.execution.executionId;
  const claim = await claimWithPatience(database, executionId, holder, clock, signal);
  if (claim.kind === 'claimed') return await runToEnd(claim.execution, item.mall, ports, signal);
  if (claim.kind === 'busy') {
    return toNotBegun('LeaseLost', `execution ${executionId} is held by ${claim.holder ?? 'another process'}`);
  }
  return admission.kind === 'live' && isComplete(claim.status)
    ? { kind: 'already-complete', execution: { ...admission.execution, status: claim.status } }
    : toNotBegun('DuplicateRefused', `execution ${executionId} was ended as ${claim.status} by another process`);
}

function toNotBegun(reason: FailureReason, message: string): ReportedEnd {
  return { kind: 'not-begun', status: 'REFUSED', reason, message };
}
