import { sql } from 'slonik';

/*
 * Whether a later execution of the same instance took `execution` up, whatever came of that; a replay takes up only a
 * replay. Attempts beyond the first have a small index of their own. That a first attempt comes later than another takes
 * a MallSync which asked for a higher number before.
 */
const LATER = sql.fragment`later.instance_id = execution.instance_id and later.execution_id > execution.execution_id
  and (execution.mode = 'REPLAY' or later.mode <> 'REPLAY')`;
const BY_REPETITION = sql.fragment`exists (
  select from mallsync.tb_batch_execution_summary later where later.attempt_count > 1 and ${LATER})`;
const BY_FIRST_ATTEMPT = sql.fragment`execution.attempt_count > 1 and exists (
  select from mallsync.tb_batch_execution_summary later where later.attempt_count = 1 and ${LATER})`;

export const IS_TAKEN_UP = sql.fragment`(${BY_REPETITION} or ${BY_FIRST_ATTEMPT})`;
export const IS_NOT_TAKEN_UP = sql.fragment`(not ${BY_REPETITION} and not (${BY_FIRST_ATTEMPT}))`;
