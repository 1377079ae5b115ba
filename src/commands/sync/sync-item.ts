import type { Admission } from '../../adapters/postgres/admission.ts';
import { admitExecution } from '../../adapters/postgres/admission.ts';
import { claimWithPatience } from '../../adapters/postgres/claim.ts';
import type { KnownExecution } from '../../domain/admission.ts';
import { isComplete } from '../../domain/execution.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { FailureReason } from '../../domain/failure.ts';
import { FAILURES } from '../../domain/failure.ts';
import { executeOne } from '../run/execute-one.ts';
import type { ExecutionReport, ReportedEnd } from '../run/execution-report.ts';
import { buildReport } from '../run/execution-report.ts';
import type { ItemPorts } from '../run/item-ports.ts';
import { toReportedEnd } from '../run/run-to-end.ts';
import type { WorkItem } from '../run/work-item.ts';

export interface SyncOutcome {
  readonly exitCode: ExitCode;
  readonly report: ExecutionReport;
}

type Ended = { readonly exitCode: ExitCode; readonly end: ReportedEnd };

/**
 * One execution, once: what a retry may mend is left live for the next process, which is told to by the exit code.
 * @throws SyncError when the database cannot be asked, StoppedError when stopped before the execution was claimed
 */
export async function syncItem(item: WorkItem, ports: ItemPorts, signal: AbortSignal): Promise<SyncOutcome> {
  const { clock } = ports.environment;
  const startMs = clock.monotonicMs();
  const { exitCode, end } = await runAdmitted(item, ports, signal);
  return { exitCode, report: buildReport(item, end, (clock.monotonicMs() - startMs) / 1_000) };
}

async function runAdmitted(item: WorkItem, ports: ItemPorts, signal: AbortSignal): Promise<Ended> {
  const { database, installationId } = ports.environment;
  const admission = await admitExecution(database, {
    mallId: item.mall.mallId,
    ...item,
    installationId,
    onUsedAttempt: 'adopt',
  });
  if (admission.kind === 'already-complete') {
    return { exitCode: EXIT.ok, end: { kind: 'already-complete', execution: admission.execution } };
  }
  if (admission.kind === 'live') return refuse('DuplicateRefused', describeLive(admission));
  if (admission.kind === 'refused') return refuse(admission.reason, admission.message);
  const found = admission.kind === 'admitted' ? admission : admission.execution;
  return await claimAndRun(item, found, ports, signal);
}

async function claimAndRun(
  item: WorkItem,
  { executionId, attemptCount }: Pick<KnownExecution, 'executionId' | 'attemptCount'>,
  ports: ItemPorts,
  signal: AbortSignal,
): Promise<Ended> {
  const { database, holder, clock } = ports.environment;
  const claim = await claimWithPatience(database, executionId, holder, clock, signal);
  if (claim.kind === 'busy') {
    return refuse('LeaseLost', `execution ${executionId} is held by ${claim.holder ?? 'another process'}`);
  }
  if (claim.kind === 'settled') {
    const { status } = claim;
    return isComplete(status)
      ? { exitCode: EXIT.ok, end: { kind: 'already-complete', execution: { executionId, attemptCount, status } } }
      : refuse('DuplicateRefused', `execution ${executionId} was ended as ${status} meanwhile`);
  }
  const { execution } = claim;
  const result = await executeOne(execution, item.mall, ports, signal);
  const end = await toReportedEnd(execution, result, database);
  return { exitCode: result.exitCode, end };
}

function refuse(reason: FailureReason, message: string): Ended {
  return { exitCode: FAILURES[reason].exitCode, end: { kind: 'not-begun', status: 'REFUSED', reason, message } };
}

function describeLive({ execution }: Extract<Admission, { readonly kind: 'live' }>): string {
  return `attempt ${execution.attemptCount} of the same mall, domain type and period is live as execution ${execution.executionId}`;
}
