import { z } from 'zod';
import type { RunFilter, RunSort } from '../../adapters/postgres/read-models/run-list.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { EXECUTION_STATUSES, TRIGGERS } from '../../domain/execution.ts';
import { FAILURES, isFailureReason } from '../../domain/failure.ts';
import { parseSeoulTime, SECOND_MS } from '../../domain/seoul-time.ts';
import { day, endTime, flag, identifier, listOf, optional, plainText, startTime } from './query-fields.ts';

export const RUN_SORTS = ['failedFirst', 'newest', 'duration', 'rows', 'mall'] as const satisfies readonly RunSort[];
export const DEFAULT_SORT: RunSort = 'failedFirst';
export const DEFAULT_LIMIT = 50;
const MOST_ROWS = 200;

const failureReason = z.enum(Object.keys(FAILURES).filter(isFailureReason));

const limit: z.ZodType<number, string> = z
  .string()
  .regex(/^\d{1,4}$/, `must be a number from 1 to ${MOST_ROWS}`)
  .transform(Number)
  .pipe(z.number().min(1).max(MOST_ROWS));

/** Which runs: the part of the query that other pages take over, too. */
export const RUN_FILTER_FIELDS = {
  status: listOf(z.enum(EXECUTION_STATUSES)),
  domain: listOf(z.enum(DOMAIN_TYPES)),
  mall: listOf(identifier),
  reason: listOf(failureReason),
  trigger: listOf(z.enum(TRIGGERS)),
  mallSync: optional(plainText(253)),
  start: optional(startTime),
  end: optional(endTime),
  night: optional(day),
  since: optional(startTime),
  until: optional(endTime),
  unmended: optional(flag),
  q: optional(plainText(200)),
};

export const runFilterQuery = z.object(RUN_FILTER_FIELDS);
export type RunFilterQuery = z.output<typeof runFilterQuery>;

export const runListQuery = z.object({
  ...RUN_FILTER_FIELDS,
  sort: optional(z.enum(RUN_SORTS)),
  cursor: optional(plainText(1_000)),
  limit: optional(limit),
});
export type RunListQuery = z.output<typeof runListQuery>;

export function toRunFilter(query: RunFilterQuery): RunFilter {
  const { status, domain, mall, reason, trigger, mallSync, start, end, night, since, until, unmended, q } = query;
  const period = { ...(start !== undefined && { startDate: start }), ...(end !== undefined && { endDate: end }) };
  return {
    ...(status && { statuses: status }),
    ...(domain && { domainTypes: domain }),
    ...(mall && { mallIds: mall }),
    ...(reason && { reasons: reason }),
    ...(trigger && { triggers: trigger }),
    ...(mallSync !== undefined && { mallSync }),
    ...((start !== undefined || end !== undefined) && { period }),
    ...(night !== undefined && { night }),
    ...(since !== undefined && { requestedFromMs: toInstantMs(since) }),
    ...(until !== undefined && { requestedUntilMs: toInstantMs(until) + SECOND_MS }),
    ...(unmended === true && { unmended }),
    ...(q !== undefined && { search: q }),
  };
}

/** The schema has judged the time. */
function toInstantMs(time: string): number {
  return parseSeoulTime(time) ?? Number.NaN;
}

export function isNarrowed(query: RunFilterQuery): boolean {
  return Object.keys(toRunFilter(query)).length > 0;
}
