import { z } from 'zod';
import { listOf, optional, plainText, identifier } from '../runs/query-fields.ts';

export const SCOPES = ['active', 'label', 'chosen'] as const;
export type Scope = (typeof SCOPES)[number];

export const STEPS = ['find', 'preview'] as const;

/** As a form sends it: each value is judged on its own later, so that every field can say what is wrong with it. */
export const newRunQuery = z.object({
  domainType: optional(plainText(20)),
  scope: optional(z.enum(SCOPES)),
  mallId: listOf(identifier),
  /** Numbers or Cafe24 ids of malls, divided by commas or blanks. */
  malls: optional(plainText(20_000)),
  /** `key=value`, several divided by commas. */
  labels: optional(plainText(2_000)),
  find: optional(plainText(200)),
  start: optional(plainText(30)),
  end: optional(plainText(30)),
  pageSize: optional(plainText(10)),
  reprocess: optional(plainText(5)),
  reason: optional(plainText(2_000)),
  step: optional(z.enum(STEPS)),
});
export type NewRunQuery = z.output<typeof newRunQuery>;
