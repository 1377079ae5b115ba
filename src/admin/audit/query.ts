import { z } from 'zod';
import { parseSeoulTime, SECOND_MS } from '../../domain/seoul-time.ts';
import { endTime, identifier, optional, plainText, startTime } from '../runs/query-fields.ts';

export const AUDIT_LIMIT = 100;
const MOST_ENTRIES = 200;

const limit: z.ZodType<number, string> = z
  .string()
  .regex(/^\d{1,4}$/, `must be a number from 1 to ${MOST_ENTRIES}`)
  .transform(Number)
  .pipe(z.number().min(1).max(MOST_ENTRIES));

export const auditQuery = z.object({
  actor: optional(plainText(200)),
  action: optional(plainText(200)),
  target: optional(plainText(200)),
  since: optional(startTime),
  until: optional(endTime),
  /** Only entries older than this one. */
  before: optional(identifier),
  limit: optional(limit),
});
export type AuditQuery = z.output<typeof auditQuery>;

export interface AuditSpan {
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** The schema has judged the times; the last second belongs to the span. */
export function toAuditSpan({ since, until }: AuditQuery): AuditSpan {
  return {
    ...(since !== undefined && { fromMs: parseSeoulTime(since) ?? Number.NaN }),
    ...(until !== undefined && { untilMs: (parseSeoulTime(until) ?? Number.NaN) + SECOND_MS }),
  };
}
