import type { Database } from '../../adapters/postgres/database.ts';
import type { RetryItem, RetryRequest, RetryRequests } from '../../adapters/postgres/retry-request.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { Cluster, ClusterView } from '../../controller/cluster.ts';
import type { ControllerLedger } from '../../controller/controller-ledger.ts';
import type { Clock } from '../../domain/clock.ts';

export interface RequestLoopPorts {
  readonly database: Database;
  readonly installationId: string;
  readonly ledger: Pick<ControllerLedger, 'reportRequest' | 'recordOutcomes'>;
  readonly cluster: Pick<Cluster, 'createMallSync' | 'readMallSync'>;
  readonly view: Pick<ClusterView, 'listMallSyncs'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The MallSync of that name has to be looked at soon. */
  enqueue(mallSyncName: string): void;
}

export type RequestPorts = RequestLoopPorts & { readonly requests: RetryRequests };

export function isOpen({ state }: RetryItem): boolean {
  return state !== 'DONE' && state !== 'REFUSED';
}

/** Ends these malls of the request without a run; `result` begins with a failure word. */
export async function refuseItems(
  { requestId }: Pick<RetryRequest, 'requestId'>,
  items: readonly RetryItem[],
  result: string,
  requests: RetryRequests,
): Promise<void> {
  for (const item of items) await requests.saveItem(requestId, { ...item, state: 'REFUSED', result });
}
