import type { Database } from '../../adapters/postgres/database.ts';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import { findExecution, listExecutions } from '../../adapters/postgres/execution-store.ts';
import { stopExecution } from '../../adapters/postgres/execution-stop.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import type { RetryItem, RetryKind, RetryRequest, RetryRequests } from '../../adapters/postgres/retry-request.ts';
import { toSyncError } from '../../domain/errors.ts';
import type { ExecutionMode } from '../../domain/execution.ts';
import { isComplete, isLive, LIVE_STATUSES } from '../../domain/execution.ts';
import { parsePeriod } from '../../domain/period.ts';
import { describeRead } from '../../domain/rerun-outcome.ts';
import type { ExecutionReport } from './execution-report.ts';
import { toTally } from './execution-report.ts';
import type { RunOptions, RunWatch } from './run-items.ts';
import { runItems } from './run-items.ts';
import type { WorkItem } from './work-item.ts';

export interface RequestPorts {
  readonly database: Database;
  readonly requests: RetryRequests;
  readonly options: RunOptions;
  readonly watch: RunWatch;
}

const MODES = {
  RUN: 'RESUME',
  RESUME: 'RESUME',
  REPROCESS: 'REPROCESS',
  REPLAY_REJECTED: 'REPLAY',
} as const satisfies Record<Exclude<RetryKind, 'STOP'>, ExecutionMode>;

/** A request whose server says nothing for this long is another's to take. */
export const REQUEST_IDLE_SECONDS = 120;
const HEARTBEAT_MS = 30_000;

/**
 * Executes an accepted request item by item and writes down what came of each. What a stop cuts short stays RUNNING, so
 * that the request is taken up again.
 */
export async function executeRequest(request: RetryRequest, ports: RequestPorts, signal: AbortSignal): Promise<void> {
  const open = request.items.filter(({ state }) => state !== 'DONE' && state !== 'REFUSED');
  if (request.kind === 'STOP') {
    for (const item of open) await stopItem(request, item, ports);
  } else {
    await runRequest(request, open, MODES[request.kind], ports, signal);
  }
  if (!signal.aborted) await ports.requests.finish(request.requestId);
}

async function runRequest(
  request: RetryRequest,
  open: readonly RetryItem[],
  mode: ExecutionMode,
  ports: RequestPorts,
  signal: AbortSignal,
): Promise<void> {
  const work: WorkItem[] = [];
  const underWay = new Map<number, RetryItem>();
  for (const item of open) {
    const found = await toWork(request, item, mode, ports);
    if (found === null) continue;
    work.push(found);
    underWay.set(item.mallId, { ...item, state: 'RUNNING' });
  }
  const saves: Promise<void>[] = [];
  const beat = (): void => {
    for (const item of underWay.values()) saves.push(ports.requests.saveItem(request.requestId, item).catch(() => {}));
  };
  beat();
  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  const onReport = (report: ExecutionReport): void => {
    const item = underWay.get(report.mallId);
    if (item === undefined || signal.aborted) return;
    underWay.delete(report.mallId);
    saves.push(saveResult(request, item, report, ports));
  };
  try {
    await runItems(work, ports.options, { ...ports.watch, onReport }, signal);
  } finally {
    clearInterval(heartbeat);
    await Promise.all(saves);
  }
}

async function toWork(
  request: RetryRequest,
  item: RetryItem,
  mode: ExecutionMode,
  ports: RequestPorts,
): Promise<WorkItem | null> {
  try {
    const mall = await createMallStore(ports.database).findMall(item.mallId);
    if (mall === null) throw new Error(`there is no mall ${item.mallId}`);
    return {
      mall,
      domainType: request.domainType,
      period: parsePeriod(request.startDate, request.endDate),
      pageSize: request.pageSize,
      attemptCount: null,
      mode,
      reason: request.reason,
      trigger: 'RERUN',
      requestedBy: request.requestedBy,
      fingerprints: request.fingerprints,
    };
  } catch (error) {
    await ports.requests.saveItem(request.requestId, { ...item, state: 'REFUSED', result: toSyncError(error).message });
    return null;
  }
}

async function saveResult(
  request: RetryRequest,
  item: RetryItem,
  report: ExecutionReport,
  { database, requests }: RequestPorts,
): Promise<void> {
  const { executionId } = report;
  const record = executionId === null ? null : await findExecution(database, executionId);
  await requests.saveItem(request.requestId, {
    mallId: item.mallId,
    state: report.status === 'REFUSED' ? 'REFUSED' : 'DONE',
    instanceId: record?.instanceId ?? null,
    executionId,
    result: record === null ? describeResult(report) : describeRecord(record, report),
  });
}

/** A run that another process ended knows no more than that it lost its lease; the ledger knows how it ended. */
function describeRecord(record: ExecutionRecord, report: ExecutionReport): string {
  if (report.failureReason !== 'LeaseLost' || isLive(record.status)) return describeResult(report);
  if (isComplete(record.status)) return describeRead(record.status, record.counters);
  return `${record.failureReason ?? record.status}: ${record.failureMessage ?? ''}`;
}

export function describeResult(report: ExecutionReport): string {
  if (report.alreadyComplete) return 'already complete';
  if (toTally(report) === 'failed') return `${report.failureReason ?? report.status}: ${report.failureMessage ?? ''}`;
  return describeRead(report.status, report);
}

async function stopItem(request: RetryRequest, item: RetryItem, { database, requests }: RequestPorts): Promise<void> {
  const [live] = await listExecutions(database, {
    mallIds: [item.mallId],
    domainType: request.domainType,
    statuses: LIVE_STATUSES,
    period: parsePeriod(request.startDate, request.endDate),
  });
  const message = `stopped by ${request.requestedBy}${request.reason === '' ? '' : `: ${request.reason}`}`;
  const isStopped = live !== undefined && (await stopExecution(database, live.executionId, message));
  await requests.saveItem(request.requestId, {
    mallId: item.mallId,
    state: isStopped ? 'DONE' : 'REFUSED',
    instanceId: live?.instanceId ?? null,
    executionId: live?.executionId ?? null,
    result: isStopped ? 'STOPPED' : 'nothing of it is under way',
  });
}
