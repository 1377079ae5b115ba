import type { ClientBase } from 'pg';
import type { MappedRow } from '../../engine/row-mapper.ts';
import type { WindowBounds } from '../../domain/window.ts';

/** A valid row that PostgreSQL would not take. */
export interface RefusedRow<Payload> {
  readonly row: MappedRow<Payload>;
  readonly sqlState: string;
  /** Constraint or column name where the server named one; never a value. */
  readonly where: string | null;
}

export interface WriteResult<Payload> {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly stale: number;
  readonly refused: readonly RefusedRow<Payload>[];
}

export interface WriteContext {
  readonly mallId: number;
  readonly executionId: number;
  readonly observedAtMs: number;
}

/** The tables of one domain type. Both methods run inside the caller's open transaction on `client`. */
export interface DatasetStore<Payload> {
  /** Upserts in key order; rows observed earlier than the stored ones are left, equal ones are not rewritten. */
  write(client: ClientBase, context: WriteContext, rows: readonly MappedRow<Payload>[]): Promise<WriteResult<Payload>>;
  /**
   * Sets missing_since on the stored rows of a completely read window whose key hash is not among `keyHashes`.
   * @returns how many were newly missing
   */
  markMissing(
    client: ClientBase,
    context: WriteContext,
    window: WindowBounds,
    keyHashes: BigUint64Array,
  ): Promise<number>;
}
