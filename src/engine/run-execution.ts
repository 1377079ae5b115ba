import type { SyncError } from '../domain/errors.ts';
import { LeaseLostError, toSyncError, TransientError } from '../domain/errors.ts';
import type { ClaimedExecution } from '../domain/execution.ts';
import type { ExitCode } from '../domain/exit-code.ts';
import { EXIT, isSettledByProcess } from '../domain/exit-code.ts';
import { FAILURES } from '../domain/failure.ts';
import type { ExecutionEnd } from './ledger.ts';
import { startHeartbeat } from './lease-heartbeat.ts';
import { createReadAhead, DEFAULT_READ_AHEAD } from './read-ahead.ts';
import { DEFAULT_REJECT_LIMIT } from './reject-limit.ts';
import { replayRejected } from './replay.ts';
import { createRetryBudget, DEFAULT_RETRY } from './retry-budget.ts';
import type { RunContext, RunPorts, RunSettings } from './run-context.ts';
import { runWindow } from './run-window.ts';
import { runWindowPool } from './window-pool.ts';

export const DEFAULT_RUN_SETTINGS: RunSettings = {
  leaseSeconds: 30,
  retry: DEFAULT_RETRY,
  rejectLimit: DEFAULT_REJECT_LIMIT,
  readAhead: DEFAULT_READ_AHEAD,
  windowsAtOnce: 3,
};

/**
 * `settled`: the execution has ended, for good. `live`: a later claimer goes on at the checkpoint; `error` is why this
 * process stopped.
 */
export type RunResult =
  | { readonly kind: 'settled'; readonly exitCode: ExitCode; readonly end: ExecutionEnd }
  | { readonly kind: 'live'; readonly exitCode: ExitCode; readonly error: SyncError };

/**
 * Runs a claimed execution from its checkpoint to its end, and settles or releases it. Never rejects. Abort the signal
 * with a StoppedError to drain at the next page border.
 */
export async function runExecution<Payload>(
  execution: ClaimedExecution,
  ports: RunPorts<Payload>,
  settings: RunSettings,
  signal: AbortSignal,
): Promise<RunResult> {
  const leaseLost = new AbortController();
  const heartbeat = startHeartbeat(execution, settings.leaseSeconds, {
    leases: ports.leases,
    clock: ports.clock,
    isWaiting: (thresholdMs) => ports.meter.isWaiting(thresholdMs),
    onWaiting: (isWaiting) => ports.observer.onWaiting?.(execution, isWaiting),
    onLost: (error) => leaseLost.abort(error),
  });
  const run: RunContext<Payload> = {
    execution,
    ports,
    settings,
    retries: createRetryBudget(settings.retry, {
      clock: ports.clock,
      meter: ports.meter,
      random: ports.random,
      onRetry: (error, delayMs) => ports.observer.onRetry?.(execution, error, delayMs),
    }),
    readAhead: createReadAhead(settings.readAhead),
    signal: AbortSignal.any([signal, leaseLost.signal]),
  };
  try {
    const end = await readAndSettle(run);
    const exitCode = end.failureReason === null ? EXIT.ok : FAILURES[end.failureReason].exitCode;
    return { kind: 'settled', exitCode, end };
  } catch (thrown) {
    // a renewal after the release would keep the next claimer waiting for a lease that nobody holds
    await heartbeat.stop();
    return await endFailed(run, toSyncError(run.signal.aborted ? run.signal.reason : thrown));
  } finally {
    await heartbeat.stop();
  }
}

async function readAndSettle<Payload>(run: RunContext<Payload>): Promise<ExecutionEnd> {
  const { ledger } = run.ports;
  if (run.execution.mode === 'REPLAY') await replayRejected(run);
  else await readWindows(run);
  await addCostsOnce(run);
  return run.retries.run(() => ledger.settleExecution(run.execution), run.signal);
}

/** Not repeated: after an answer that was lost on its way, a repeat would count the same calls twice. */
async function addCostsOnce<Payload>(run: RunContext<Payload>): Promise<void> {
  try {
    await run.ports.ledger.addCosts(run.execution, run.ports.meter.drain());
  } catch (thrown) {
    if (!(thrown instanceof TransientError)) throw thrown;
  }
}

async function readWindows<Payload>(run: RunContext<Payload>): Promise<void> {
  const { ledger, source, observer } = run.ports;
  const { execution, retries, signal } = run;
  const stored = await retries.run(() => ledger.loadWindows(execution), signal);
  let windows = stored.windows;
  if (!stored.isPlanned) {
    const bounds = await retries.run(() => source.listWindows(execution.period, signal), signal);
    windows = await retries.run(() => ledger.saveWindows(execution, bounds), signal);
  }
  observer.onWindowsKnown?.(execution, windows);
  await runWindowPool(
    windows,
    run.settings.windowsAtOnce,
    (window, poolSignal) => runWindow({ ...run, signal: poolSignal }, window),
    signal,
  );
}

async function endFailed<Payload>(run: RunContext<Payload>, error: SyncError): Promise<RunResult> {
  const { ledger, meter } = run.ports;
  const { exitCode } = FAILURES[error.reason];
  if (error instanceof LeaseLostError) return { kind: 'live', exitCode, error };
  try {
    await ledger.addCosts(run.execution, meter.drain());
    if (isSettledByProcess(exitCode)) {
      const end = await ledger.failExecution(run.execution, error.reason, error.message, exitCode);
      return { kind: 'settled', exitCode, end };
    }
    await ledger.releaseExecution(run.execution, error.reason, error.message);
    return { kind: 'live', exitCode, error };
  } catch (recording) {
    // The database cannot be told; the lease runs out by itself and the next claimer goes on.
    const recordingError = toSyncError(recording);
    return recordingError instanceof LeaseLostError
      ? { kind: 'live', exitCode: EXIT.busy, error: recordingError }
      : { kind: 'live', exitCode: isSettledByProcess(exitCode) ? EXIT.unavailable : exitCode, error };
  }
}
