import { sql } from 'slonik';
import { z } from 'zod';
import { RECORD_COLUMNS, recordRow, type ExecutionRecord } from '../execution-record.ts';
import { IS_TAKEN_UP } from '../taken-up.ts';

/** An execution in a list of them. */
export interface RunRow extends ExecutionRecord {
  /** Empty when the mall is not registered. */
  readonly mallName: string;
  readonly cafe24MallId: string;
  readonly mallSyncName: string | null;
  readonly mallSyncNamespace: string | null;
  /** A later execution of the instance took it up, whatever came of that. */
  readonly isMended: boolean;
}

const ownRow = z.object({
  mall_name: z.string(),
  cafe24_mall_id: z.string(),
  mallsync_name: z.string().nullable(),
  mallsync_namespace: z.string().nullable(),
  is_mended: z.boolean(),
});

/** Needs `execution` and a left-joined `mall`. */
export const RUN_COLUMNS = sql.fragment`${RECORD_COLUMNS}, coalesce(mall.name, '') as mall_name,
  coalesce(mall.cafe24_mall_id, '') as cafe24_mall_id, execution.mallsync_name, execution.mallsync_namespace,
  ${IS_TAKEN_UP} as is_mended`;

export const runRow = z.unknown().transform((row): RunRow => {
  const own = ownRow.parse(row);
  return {
    ...recordRow.parse(row),
    mallName: own.mall_name,
    cafe24MallId: own.cafe24_mall_id,
    mallSyncName: own.mallsync_name,
    mallSyncNamespace: own.mallsync_namespace,
    isMended: own.is_mended,
  };
});
