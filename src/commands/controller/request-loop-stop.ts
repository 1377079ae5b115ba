import { stopExecution } from '../../adapters/postgres/execution-stop.ts';
import type { LiveExecution } from '../../adapters/postgres/live-execution.ts';
import { listLiveOf } from '../../adapters/postgres/live-execution.ts';
import type { RetryRequest } from '../../adapters/postgres/retry-request.ts';
import type { Period } from '../../domain/period.ts';
import type { RequestPorts } from './request-loop-ports.ts';
import { isOpen } from './request-loop-ports.ts';

/**
 * Stops what is under way of the request's malls, whoever runs it. What belongs to a MallSync of this installation is settled by
 * the ledger, which counts it as seen, so that its Job may go.
 */
export async function stopItems(request: RetryRequest, period: Period, ports: RequestPorts): Promise<void> {
  const { requestId, domainType, requestedBy, reason } = request;
  const items = request.items.filter(isOpen);
  const mallIds = items.map(({ mallId }) => mallId);
  const live = await listLiveOf(ports.database.pool, { domainType, period, mallIds });
  const message = `stopped by ${requestedBy}${reason === '' ? '' : `: ${reason}`}`;
  const stopped = await stopAll(live, message, ports);
  for (const item of items) {
    const found = live.find(({ mallId }) => mallId === item.mallId);
    const isStopped = found !== undefined && stopped.has(found.executionId);
    await ports.requests.saveItem(requestId, {
      mallId: item.mallId,
      state: isStopped ? 'DONE' : 'REFUSED',
      instanceId: found?.instanceId ?? null,
      executionId: found?.executionId ?? null,
      result: isStopped ? 'STOPPED' : 'nothing of it is under way',
    });
  }
}

/** @returns the executions that this ended */
async function stopAll(
  live: readonly LiveExecution[],
  message: string,
  ports: RequestPorts,
): Promise<ReadonlySet<number>> {
  const isOwn = ({ mallSync, installationId }: LiveExecution): boolean =>
    mallSync !== null && installationId === ports.installationId;
  const stopped = new Set<number>();
  for (const { executionId } of live.filter((each) => !isOwn(each))) {
    if (await stopExecution(ports.database, executionId, message)) stopped.add(executionId);
  }
  for (const [uid, runs] of Map.groupBy(live.filter(isOwn), ({ mallSync }) => mallSync?.uid ?? '')) {
    const executionIds = new Set(runs.map(({ executionId }) => executionId));
    const end = { status: 'STOPPED', reason: 'Stopped', message } as const;
    const state = await ports.ledger.recordOutcomes(
      uid,
      [...executionIds].map((executionId) => ({
        executionId,
        end,
        disagreement: null,
        createToStartSeconds: null,
        lagSeconds: null,
      })),
    );
    for (const run of state.runs) {
      if (executionIds.has(run.executionId) && run.status === 'STOPPED') stopped.add(run.executionId);
    }
    ports.enqueue(runs[0]?.mallSync?.name ?? '');
  }
  return stopped;
}
