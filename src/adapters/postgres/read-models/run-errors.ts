import { sql } from 'slonik';
import { z } from 'zod';
import { STAGES, type Stage } from '../../../domain/row-error.ts';
import type { QueryPool } from '../pool.ts';

/** The entries of one cause that an execution was the last to meet. */
export interface RunErrorGroup {
  readonly fingerprint: string;
  readonly stage: Stage;
  readonly reasonCode: string;
  readonly field: string | null;
  readonly entries: number;
  /** How often they were met, in earlier executions too. */
  readonly times: number;
  /** Entries that are neither replayed nor ignored. */
  readonly open: number;
  readonly sampleErrorId: number;
  readonly sampleMessage: string;
  /** Masked; null for the failure of a whole execution. */
  readonly samplePayload: unknown;
}

const groupRow = z
  .object({
    fingerprint: z.string(),
    stage: z.enum(STAGES),
    reason_code: z.string(),
    field: z.string().nullable(),
    entries: z.int(),
    times: z.int(),
    open: z.int(),
    sample_id: z.int(),
    message: z.string(),
    payload: z.unknown(),
  })
  .transform((row): RunErrorGroup => ({
    fingerprint: row.fingerprint,
    stage: row.stage,
    reasonCode: row.reason_code,
    field: row.field,
    entries: row.entries,
    times: row.times,
    open: row.open,
    sampleErrorId: row.sample_id,
    sampleMessage: row.message,
    samplePayload: row.payload,
  }));

/** The largest group first. */
export async function listRunErrors(pool: QueryPool, executionId: number): Promise<readonly RunErrorGroup[]> {
  return await pool.any(sql.type(groupRow)`
    with groups as (
      select fingerprint, count(*) as entries, sum(times) as times, count(*) filter (where status = 'OPEN') as open,
        max(error_id) as sample_id
      from mallsync.tb_batch_error_log where execution_id = ${executionId} group by fingerprint
    )
    select groups.*, sample.stage, sample.reason_code, sample.field, sample.message, sample.payload
    from groups join mallsync.tb_batch_error_log sample on sample.error_id = groups.sample_id
    order by groups.entries desc, groups.fingerprint`);
}
