import { sql } from 'slonik';
import { z } from 'zod';
import type { MissedSlot } from '../../controller/missed-slots.ts';
import { inTerm, type ControllerTerm } from './controller-term.ts';
import { addTotals } from './ledger-metric.ts';
import { runStatement, type Statement } from './page-session.ts';
import type { QueryPool } from './pool.ts';

const NIGHTLY_NAME = '^nightly-[a-z]+-([0-9]{8})$';

/** `yyyymmdd` of the nights whose MallSyncs the installation has expanded lately, whether they still exist or not. */
export async function listKnownNights(pool: QueryPool, installationId: string): Promise<readonly string[]> {
  return await pool.anyFirst(sql.type(z.object({ night: z.string() }))`
    select distinct substring(name from ${NIGHTLY_NAME}) as night from mallsync.tb_mallsync
    where installation_id = ${installationId} and name ~ ${NIGHTLY_NAME} and created_at > now() - make_interval(days => 62)`);
}

const NOTE: Statement = {
  name: 'note-missed-slots',
  sql: `insert into mallsync.tb_missed_slot (installation_id, night, scheduled_at)
    select $1, night, to_timestamp(at_ms / 1000) from unnest($2::date[], $3::float8[]) as missed (night, at_ms)
    order by night on conflict do nothing
    returning to_char(night, 'YYYYMMDD') as night`,
};

const notedRows = z.array(z.object({ night: z.string() }).transform(({ night }) => night));

/** Counts each night once, in schedule_missed_total. @returns those that were not noted before */
export function noteMissedSlots(term: ControllerTerm, slots: readonly MissedSlot[]): Promise<readonly MissedSlot[]> {
  const { database, installationId } = term;
  if (slots.length === 0) return Promise.resolve([]);
  return inTerm(term, async (client) => {
    const values = [installationId, slots.map(({ night }) => night), slots.map(({ scheduledAtMs }) => scheduledAtMs)];
    const noted = new Set(notedRows.parse((await runStatement(database, client, NOTE, values)).rows));
    await addTotals(database, client, 0, [{ name: 'schedule_missed_total', labels: {}, value: noted.size }]);
    return slots.filter(({ night }) => noted.has(night));
  });
}
