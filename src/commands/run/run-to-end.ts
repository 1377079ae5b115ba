import { claimWithPatience } from '../../adapters/postgres/claim.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import { findExecution } from '../../adapters/postgres/execution-store.ts';
import { toSubject } from '../../adapters/telemetry/progress.ts';
import { NO_COUNTERS } from '../../domain/counters.ts';
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
    if (result.kind === 'settled' || signal.aborted) return await toReportedEnd(execution, result, database);
    ports.log.warn('execution is tried again', { ...toSubject(execution), reason: result.error.reason, tries });
    if (tries < localRetry.moreTries) await clock.sleep(localRetry.pauseMs * (tries + 1), signal);
    const claim = await claimWithPatience(database, execution.executionId, holder, clock, signal);
    if (claim.kind !== 'claimed') return await toReportedEnd(execution, result, database);
    execution = claim.execution;
    if (tries >= localRetry.moreTries) {
      return { kind: 'ended', execution, end: await failClaimed(execution, ports.environment, result.error) };
    }
  }
}

/** The counters of an execution that stays live are the ledger's; zero where the database does not answer. */
export async function toReportedEnd(
  execution: ClaimedExecution,
  result: RunResult,
  database: Database,
): Promise<ReportedEnd> {
  if (result.kind === 'settled') return { kind: 'ended', execution, end: result.end };
  const { error } = result;
  const isAway = error.reason === 'DatabaseUnavailable';
  const record = isAway ? null : await findExecution(database, execution.executionId).catch(() => null);
  return { kind: 'left-live', execution, error, counters: record?.counters ?? NO_COUNTERS };
}
