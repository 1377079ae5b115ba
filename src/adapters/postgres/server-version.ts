import { sql } from 'slonik';
import { z } from 'zod';
import type { QueryPool } from './pool.ts';

/** As PostgreSQL numbers itself, without what its packager adds: 18.1. */
export async function readServerVersion({ pool }: { readonly pool: QueryPool }): Promise<string> {
  return await pool.oneFirst(sql.type(z.object({ version: z.string() }))`
    select split_part(current_setting('server_version'), ' ', 1) as version`);
}
