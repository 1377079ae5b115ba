import type { MallApi } from '../../adapters/cafe24/mall-api.ts';
import type { TableRows } from '../../adapters/postgres/dataset-writer-rows.ts';
import { loadErasedMembers } from '../../adapters/postgres/erased-members.ts';
import { createLedger } from '../../adapters/postgres/ledger.ts';
import { CATALOG, createMapper, createStore } from '../../datasets/catalog.ts';
import type { ClaimedExecution } from '../../domain/execution.ts';
import type { Mall } from '../../domain/mall.ts';
import type { RunPorts } from '../../engine/run-context.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';

export type DatasetPorts = Pick<RunPorts<TableRows>, 'source' | 'mapper' | 'ledger'>;

/** The domain type of a claimed execution: where its rows come from, what becomes of them, where they go. */
export async function openDataset(
  execution: ClaimedExecution,
  mall: Mall,
  api: MallApi,
  { database, keyRing, settings }: ExecutionEnvironment,
): Promise<DatasetPorts> {
  const dataset = CATALOG[execution.domainType];
  const isErased = await loadErasedMembers(database.pool, keyRing, execution.mallId);
  const store = await createStore(dataset, database.schema);
  return {
    source: dataset.createSource(api.client, mall),
    mapper: await createMapper(dataset, { pii: settings.pii, isErased }),
    ledger: createLedger({ database, store }),
  };
}
