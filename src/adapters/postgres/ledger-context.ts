import type { MappedRow } from '../../engine/row-mapper.ts';
import type { Database } from './database.ts';
import type { DatasetStore } from './dataset-store.ts';

/** What the ledger's transactions write with. */
export interface LedgerContext<Payload> {
  readonly database: Database;
  readonly store: DatasetStore<Payload>;
  readonly maskRow: (row: MappedRow<Payload>) => unknown;
}
