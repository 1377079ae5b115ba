import { z } from 'zod';
import { ERROR_STATUSES } from '../../adapters/postgres/error-log.ts';
import { NotFound } from '../bad-input.ts';
import type { Lang } from '../text/lang.ts';
import { identifier, optional, plainText } from '../runs/query-fields.ts';
import { RUN_TEXT } from './text.ts';

export const ERRORS_LIMIT = 50;
const MOST_ENTRIES = 200;

export const runQuery = z.object({
  /** `all`: also the windows that are plainly complete, however many there are. */
  windows: optional(z.enum(['all'])),
});

const limit: z.ZodType<number, string> = z
  .string()
  .regex(/^\d{1,4}$/, `must be a number from 1 to ${MOST_ENTRIES}`)
  .transform(Number)
  .pipe(z.number().min(1).max(MOST_ENTRIES));

export const runErrorsQuery = z.object({
  fingerprint: optional(plainText(500)),
  status: optional(z.enum(ERROR_STATUSES)),
  /** Only entries older than this one. */
  before: optional(identifier),
  limit: optional(limit),
});
export type RunErrorsQuery = z.output<typeof runErrorsQuery>;

/** What no run can have as its number is as unknown as one that nobody has. @throws NotFound */
export function parseExecutionId(text: string | undefined, lang: Lang): number {
  const result = identifier.safeParse(text);
  if (!result.success) throw new NotFound(RUN_TEXT[lang].notFound(text ?? ''));
  return result.data;
}
