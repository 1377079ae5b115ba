import type { PoolClient } from 'pg';
import { z } from 'zod';
import { LeaseLostError } from '../../domain/errors.ts';
import type { Database } from './database.ts';
import { inTransaction, runStatement, type Statement } from './page-session.ts';

/** One term of leadership of one installation. */
export interface ControllerTerm {
  readonly database: Database;
  readonly installationId: string;
  /** As `drawEpoch` gave it. */
  readonly epoch: number;
}

/** Waits for the writes of the present term that are under way; those that come later find their epoch passed. */
const DRAW: Statement = {
  name: 'draw-epoch',
  sql: `insert into mallsync.tb_controller_epoch as known (installation_id, epoch, holder) values ($1, 1, $2)
    on conflict (installation_id) do update
      set epoch = known.epoch + 1, holder = excluded.holder, updated_at = now()
    returning epoch`,
};

const READ: Statement = {
  name: 'read-epoch',
  sql: `select epoch from mallsync.tb_controller_epoch where installation_id = $1`,
};

const HOLD: Statement = {
  name: 'hold-epoch',
  sql: `select 1 from mallsync.tb_controller_epoch where installation_id = $1 and epoch = $2 for share`,
};

const BEAT: Statement = {
  name: 'beat-epoch',
  sql: `update mallsync.tb_controller_epoch set updated_at = now() where installation_id = $1 and epoch = $2`,
};

const epochRows = z.array(z.object({ epoch: z.int() }));

/** Begins a term: what earlier ones still try to write is refused from now on. @returns its epoch, above all before */
export async function drawEpoch(database: Database, installationId: string, holder: string): Promise<number> {
  const { rows } = await database.withSession((client) =>
    runStatement(database, client, DRAW, [installationId, holder]),
  );
  const [row] = epochRows.parse(rows);
  if (row === undefined) throw new LeaseLostError('no epoch was drawn');
  return row.epoch;
}

/** The present term's; 0 where there was none yet. */
export async function readEpoch(database: Database, installationId: string): Promise<number> {
  const { rows } = await database.withSession((client) => runStatement(database, client, READ, [installationId]));
  return epochRows.parse(rows)[0]?.epoch ?? 0;
}

/** A sign of life of the installation. @throws LeaseLostError when a later term has begun */
export async function beat({ database, installationId, epoch }: ControllerTerm): Promise<void> {
  const beaten = await database.withSession((client) => runStatement(database, client, BEAT, [installationId, epoch]));
  if (beaten.rowCount !== 1) throw new LeaseLostError(`epoch ${epoch} of installation ${installationId} has passed`);
}

/** One transaction that no later term can begin beside. @throws LeaseLostError when one has begun */
export function inTerm<T>(
  { database, installationId, epoch }: ControllerTerm,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  return inTransaction(database, async (client) => {
    const held = await runStatement(database, client, HOLD, [installationId, epoch]);
    if (held.rowCount !== 1) throw new LeaseLostError(`epoch ${epoch} of installation ${installationId} has passed`);
    return await work(client);
  });
}
