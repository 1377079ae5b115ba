import { z } from 'zod';
import { ENDPOINTS } from './fault-schema.ts';
import { REPEATS, ROW_FLAWS } from './poison.ts';

const target = {
  domainType: z.enum(['MEMBER', 'ORDER']),
  shopNo: z.int().positive().default(1),
  after: z
    .strictObject({ endpoint: z.enum(ENDPOINTS), calls: z.int().nonnegative() })
    .optional()
    .describe('apply only once so many more calls of the endpoint have been answered'),
};

/** Which rows: those of the keys, or the first `count` of a period. */
const chosen = {
  ...target,
  keys: z.array(z.string()).optional(),
  startDate: z.string().optional(),
  endDate: z.string().optional(),
  count: z.int().positive().optional().describe('all of the period if absent'),
};

export const rowEditSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('add'),
    ...target,
    at: z.string().describe('the local second they are dated'),
    count: z.int().min(1).max(100_000).default(1),
  }),
  z.strictObject({ op: z.literal('remove'), ...chosen }),
  z.strictObject({ op: z.literal('hide'), ...chosen }).describe('counted, but on no page'),
  z
    .strictObject({ op: z.literal('change'), ...chosen, fields: z.record(z.string(), z.unknown()).optional() })
    .describe('without fields the amounts rise by one'),
  z.strictObject({ op: z.literal('repeat'), ...chosen, where: z.enum(REPEATS) }),
  z.strictObject({ op: z.literal('poison'), ...chosen, kind: z.enum(ROW_FLAWS) }),
  z
    .strictObject({ op: z.literal('heal'), ...chosen })
    .describe('makes poisoned and repeated rows sound, and shows the hidden ones of their days'),
]);

export type RowEditInput = z.input<typeof rowEditSchema>;
export type RowEdit = z.output<typeof rowEditSchema>;
