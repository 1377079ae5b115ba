import { sql } from 'slonik';
import { z } from 'zod';
import type { Database } from './database.ts';

const installationRow = z.object({ installation_id: z.string() });

/** The id of the local mode's installation, one a database, made at the first call. */
export async function loadLocalInstallationId(database: Database): Promise<string> {
  await database.pool.query(sql.unsafe`
    insert into mallsync.tb_installation (installation_id, is_local) values (gen_random_uuid()::text, true)
    on conflict do nothing`);
  const row = await database.pool.one(sql.type(installationRow)`
    select installation_id from mallsync.tb_installation where is_local`);
  return row.installation_id;
}
