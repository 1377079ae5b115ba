import { sql } from 'slonik';
import { z } from 'zod';
import type { QueryPool } from '../pool.ts';

export interface MallName {
  readonly mallId: number;
  readonly name: string;
  readonly cafe24MallId: string;
  readonly active: boolean;
}

const nameRow = z
  .object({ mall_id: z.number(), name: z.string(), cafe24_mall_id: z.string(), active: z.boolean() })
  .transform((row): MallName => ({
    mallId: row.mall_id,
    name: row.name,
    cafe24MallId: row.cafe24_mall_id,
    active: row.active,
  }));

/** By mallId; ids that no mall has are absent. */
export async function loadMallNames(
  pool: QueryPool,
  mallIds: readonly number[],
): Promise<ReadonlyMap<number, MallName>> {
  const rows = await pool.any(sql.type(nameRow)`
    select mall_id, name, cafe24_mall_id, active from mallsync.tb_mall_config
    where mall_id = any(${sql.array([...new Set(mallIds)], 'int8')}) order by mall_id`);
  return new Map(rows.map((row) => [row.mallId, row]));
}
