import { openMallApi } from '../../adapters/cafe24/mall-api.ts';
import type { MallApi } from '../../adapters/cafe24/mall-api.ts';
import { failExecution, releaseExecution } from '../../adapters/postgres/execution-settle.ts';
import type { TableRows } from '../../adapters/postgres/dataset-writer-rows.ts';
import { createLeaseKeeper } from '../../adapters/postgres/lease-keeper.ts';
import type { SyncError } from '../../domain/errors.ts';
import { toSyncError } from '../../domain/errors.ts';
import type { ClaimedExecution } from '../../domain/execution.ts';
import { isSettledByProcess } from '../../domain/exit-code.ts';
import { FAILURES } from '../../domain/failure.ts';
import type { Mall } from '../../domain/mall.ts';
import type { RunMeter } from '../../engine/call-meter.ts';
import { createRunMeter } from '../../engine/call-meter.ts';
import type { ExecutionEnd } from '../../engine/ledger.ts';
import type { RunPorts } from '../../engine/run-context.ts';
import type { RunResult } from '../../engine/run-execution.ts';
import { runExecution } from '../../engine/run-execution.ts';
import { createProgressObserver, toSubject } from '../../adapters/telemetry/progress.ts';
import { openDataset } from './open-dataset.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import { watchCounts } from './watch-counts.ts';
import type { ItemPorts } from './item-ports.ts';

/**
 * Runs one claimed execution with everything it needs, to its end or until the signal aborts. Settles or releases it;
 * never rejects.
 */
export async function executeOne(
  execution: ClaimedExecution,
  mall: Mall,
  ports: ItemPorts,
  signal: AbortSignal,
): Promise<RunResult> {
  const { environment, emit } = ports;
  emit({ kind: 'started', ...toSubject(execution), attemptCount: execution.attemptCount });
  const meter = createRunMeter(environment.clock);
  let api: MallApi | undefined;
  let runPorts: RunPorts<TableRows>;
  try {
    api = openApi(execution, mall, ports, meter);
    const dataset = await openDataset(execution, mall, api, environment);
    runPorts = {
      ...dataset,
      ledger: watchCounts(dataset.ledger, emit),
      leases: createLeaseKeeper(environment.database),
      clock: environment.clock,
      random: Math.random,
      meter,
      observer: createProgressObserver(emit),
    };
  } catch (thrown) {
    await api?.close();
    return await endUnstarted(execution, environment, toSyncError(thrown));
  }
  try {
    return await runExecution(execution, runPorts, environment.runSettings, signal);
  } finally {
    await api.close();
  }
}

function openApi(execution: ClaimedExecution, mall: Mall, { environment, log }: ItemPorts, meter: RunMeter): MallApi {
  const { settings, transport, budget, tokenStore, clock } = environment;
  const subject = toSubject(execution);
  return openMallApi({
    mall,
    transport,
    budget,
    tokenStore,
    meter,
    clock,
    urlTemplate: settings.cafe24Url,
    apiVersion: settings.cafe24ApiVersion,
    isBackfill: execution.trigger === 'BACKFILL',
    retryLostConsent: execution.trigger === 'NIGHTLY',
    tokenObserver: {
      onRefreshTokenAge: (_mallId, daysLeft) =>
        log.warn('refresh token ends soon', { ...subject, daysLeft: Math.floor(daysLeft) }),
      onRefreshed: (_mallId, generation) => log.debug('tokens refreshed', { ...subject, generation }),
    },
  });
}

/** What went wrong before the engine had the execution in its hands. */
async function endUnstarted(
  execution: ClaimedExecution,
  environment: ExecutionEnvironment,
  error: SyncError,
): Promise<RunResult> {
  const { exitCode } = FAILURES[error.reason];
  try {
    if (isSettledByProcess(exitCode)) {
      return { kind: 'settled', exitCode, end: await failClaimed(execution, environment, error) };
    }
    await releaseExecution(environment.database, execution, error.reason, error.message);
  } catch (thrown) {
    const second = toSyncError(thrown);
    return { kind: 'live', exitCode: FAILURES[second.reason].exitCode, error: second };
  }
  return { kind: 'live', exitCode, error };
}

/** Settles a claimed execution as FAILED for a reason that a retry might have mended. */
export async function failClaimed(
  execution: ClaimedExecution,
  { database }: ExecutionEnvironment,
  { reason, message }: SyncError,
): Promise<ExecutionEnd> {
  return await failExecution(database, execution, { reason, message, exitCode: FAILURES[reason].exitCode });
}
