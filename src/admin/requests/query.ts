import { z } from 'zod';
import { REQUEST_STATES } from '../../adapters/postgres/retry-request.ts';
import { RERUN_OUTCOMES } from '../../domain/rerun-outcome.ts';
import { identifier, listOf, optional } from '../runs/query-fields.ts';

export const CLICKS_A_PAGE = 50;

export const clickListQuery = z.object({
  state: listOf(z.enum(REQUEST_STATES)),
  before: optional(identifier),
});
export type ClickListQuery = z.output<typeof clickListQuery>;

/** Only what came out like this. */
export const clickQuery = z.object({ outcome: optional(z.enum(RERUN_OUTCOMES)) });
