import { claimWithPatience } from '../../adapters/postgres/claim.ts';
import type { ClaimedExecution } from '../../domain/execution.ts';
import type { Mall } from '../../domain/mall.ts';
import type { RunResult } from '../../engine/run-execution.ts';
import { executeOne, failClaimed } from './execute-one.ts';
import type { ReportedEnd } from './execution-report.ts';
import type { ItemPorts } from './item-ports.ts';

/**
 * Runs a claimed execution and settles it whatever happens, as there is no controller to do it: what a retry may mend is
 * retried here, then settled as FAILED. Only a stop, or a database that is gone, leaves it live for the next run.
 */
export async function runToEnd(
  claimed: ClaimedExecution,
  mall: Mall,
  ports: ItemPorts,
  signal: AbortSignal,
): Promise<ReportedEnd> {
  const { database, holder, clock, localRetry } = ports.environment;
  let execution = claimed;
  for (let tries = 0; ; tries += 1) {
    const result = await executeOne(execution, mall, ports, signal);
    if (result.kind === 'settled' || signal.aborted) return toReportedEnd(execution, result);
    ports.log.warn('execution is tried again', { ...subjectOf(execution), reason: result.error.reason, tries });
    if (tries < localRetry.moreTries) await clock.sleep(localRetry.pauseMs * (tries + 1), signal);
    const claim = await claimWithPatience(database, execution.executionId, holder, clock, signal);
    if (claim.kind !== 'claimed') return toReportedEnd(execution, result);
    execution = claim.execution;
    if (tries >= localRetry.moreTries) {
      return { kind: 'ended', execution, end: await failClaimed(execution, ports.environment, result.error) };
    }
  }
}

function toReportedEnd(execution: ClaimedExecution, result: RunResult): ReportedEnd {
  return result.kind === 'settled'
    ? { kind: 'ended', execution, end: result.end }
    : { kind: 'left-live', execution, error: result.error };
}

function subjectOf(execution: ClaimedExecution): { readonly mallId: number; readonly domainType: string } {
  return { mallId: execution.mallId, domainType: execution.domainType };
}
