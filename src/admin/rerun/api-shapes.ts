import { z } from '@hono/zod-openapi';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { runFilterQuery } from '../runs/query.ts';
import { PLAN_MODES, VERDICTS } from './plan.ts';
import { MOST_EXECUTIONS, MOST_REASON_LETTERS } from './query.ts';

/** The shapes in which the API takes and gives what is to be run. */

const executionIds = z.array(z.int().min(1)).min(1).max(MOST_EXECUTIONS);

/** Which runs, in one of two ways: those that ran before, or a period of some malls. */
const WISH = {
  executionIds: executionIds.optional().openapi({
    description: 'The mall, domain type and period of these runs. Alone, without a period.',
  }),
  domainType: z.enum(DOMAIN_TYPES).optional(),
  startDate: z.string().max(30).optional().openapi({ example: '2025-12-01T00:00:00' }),
  endDate: z.string().max(30).optional().openapi({
    example: '2025-12-02T00:00:00',
    description: 'That second included; an end at midnight ends the day before. It must be over.',
  }),
  mallIds: z
    .array(z.int().min(1))
    .min(1)
    .max(10_000)
    .optional()
    .openapi({ description: 'With a period: these malls. Without it and without labels, all active malls.' }),
  labels: z
    .record(z.string().regex(/^[^=,]{1,63}$/), z.string().regex(/^[^,]{0,63}$/))
    .optional()
    .openapi({ description: 'With a period: the active malls that have all of these labels.' }),
  mode: z.enum(PLAN_MODES).default('resume').openapi({
    description: 'resume goes on at the checkpoint, reprocess reads what is complete again, replay only rejected rows.',
  }),
  pageSize: z.int().min(1).max(1_000).optional().openapi({
    description: 'Rows a page; as before when absent, 1000 for what never ran.',
  }),
  reason: z.string().max(MOST_REASON_LETTERS).optional().openapi({ description: 'A reprocess needs it.' }),
};

export const rerunBody = z.strictObject(WISH).openapi('RerunWish');
export type RerunBody = z.output<typeof rerunBody>;

export const previewBody = z
  .strictObject({
    ...WISH,
    filter: runFilterQuery
      .optional()
      .openapi({ description: 'In place of executionIds: all that match, as the query of `GET /runs`.' }),
  })
  .openapi('RerunPreviewWish');

const counts = z.record(z.enum(VERDICTS), z.int());

const planItem = z.object({
  mallId: z.int(),
  mallName: z.string(),
  verdict: z.enum(VERDICTS),
  why: z.string(),
  needsConsent: z.boolean(),
  liveExecutionId: z.int().nullable(),
  estimatedCalls: z.number().nullable(),
  estimatedSeconds: z.number().nullable(),
});

export const previewAnswer = z
  .object({
    executionIds: z.array(z.int()).readonly().nullable().openapi({
      description: 'What a filter matched: send it as the wish to start exactly this. Null for a period.',
    }),
    mode: z.enum(PLAN_MODES),
    counts,
    malls: z.int(),
    estimatedCalls: z.number(),
    withoutEstimate: z.int(),
    needsConsent: z.int(),
    longest: z.object({ mallId: z.int(), mallName: z.string(), seconds: z.number() }).nullable(),
    night: z
      .object({ night: z.string(), malls: z.int(), isUnderWay: z.boolean() })
      .nullable()
      .openapi({ description: 'The night whose runs share the calls of these malls.' }),
    isServed: z.boolean().openapi({ description: 'Whether a server or controller is connected that carries it out.' }),
    manifest: z.string().nullable().openapi({ description: 'A period as MallSync in YAML.' }),
    groups: z.array(
      z.object({
        domainType: z.enum(DOMAIN_TYPES),
        startDate: z.string(),
        endDate: z.string(),
        pageSize: z.int(),
        counts,
        items: z.array(planItem),
      }),
    ),
  })
  .openapi('RerunPreview');

export const clickAnswer = z
  .object({
    key: z.string().openapi({ description: 'What becomes of it: `GET /requests/{key}`.' }),
    requestIds: z.array(z.int()).readonly(),
    isNew: z.boolean().openapi({ description: 'False when it was asked for under this key before.' }),
  })
  .openapi('Click');

export const stopBody = z
  .strictObject({ executionId: z.int().min(1), reason: z.string().max(MOST_REASON_LETTERS).default('') })
  .openapi('StopWish');

const fingerprint = z.string().min(1).max(500);

export const replayBody = z
  .strictObject({
    executionId: z.int().min(1).optional().openapi({
      description: 'Of this run’s mall and period. Without it, of every mall and period that has open rows.',
    }),
    fingerprints: z.array(fingerprint).min(1).max(100).optional().openapi({
      description: 'Only these groups; needed without executionId.',
    }),
  })
  .openapi('ReplayWish');

export const settleBody = z
  .strictObject({
    fingerprint,
    mallId: z.int().min(1).optional().openapi({ description: 'Only of this mall.' }),
    reason: z.string().max(MOST_REASON_LETTERS).default(''),
  })
  .openapi('GroupSettlement');

export const settleAnswer = z.object({ changed: z.int() }).openapi('GroupSettled');
