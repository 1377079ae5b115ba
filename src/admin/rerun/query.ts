import { z } from 'zod';
import { identifier, listOf, optional, plainText } from '../runs/query-fields.ts';
import { RUN_FILTER_FIELDS } from '../runs/query.ts';
import { PLAN_MODES } from './plan.ts';

/** A click on more is refused: the filter has to be narrowed. */
export const MOST_EXECUTIONS = 5_000;
export const MOST_REASON_LETTERS = 500;

export const pageSizeField: z.ZodType<number, string> = z
  .string()
  .regex(/^\d{1,4}$/, 'must be a whole number from 1 to 1000')
  .transform(Number)
  .refine((rows) => rows >= 1 && rows <= 1_000, 'must be a whole number from 1 to 1000');

/** Which runs: these, what failed of a click, or else all that match the list's filter. */
export const againQuery = z.object({
  ...RUN_FILTER_FIELDS,
  executions: listOf(identifier),
  request: optional(plainText(200)),
  mode: optional(z.enum(PLAN_MODES)),
  pageSize: optional(pageSizeField),
});
export type AgainQuery = z.output<typeof againQuery>;

/** Minted when the form is rendered: the same form sent again is the same click. */
export const clickKey = z.string().regex(/^[\w.:-]{8,100}$/, 'must be 8 to 100 letters, digits and . _ : -');

export const reasonField = plainText(MOST_REASON_LETTERS);

/** What was previewed, and nothing that could match more by now. */
export const againForm = z.object({
  key: clickKey,
  executions: listOf(identifier),
  mode: z.enum(PLAN_MODES),
  pageSize: optional(pageSizeField),
  reason: optional(reasonField),
});
export type AgainForm = z.output<typeof againForm>;

export const stopForm = z.object({ key: clickKey, reason: optional(reasonField) });

/** `run`: of that run’s mall and period; `everywhere`: of every mall and period that has open rows of the group. */
export const SCOPES = ['run', 'everywhere'] as const;

export const replayForm = z.object({
  key: clickKey,
  fingerprint: listOf(plainText(500)),
  scope: optional(z.enum(SCOPES)),
});

export const settleForm = z.object({
  fingerprint: plainText(500).pipe(z.string().min(1)),
  scope: optional(z.enum(SCOPES)),
  reason: optional(reasonField),
});
