import { z } from '@hono/zod-openapi';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { EXECUTION_STATUSES, MODES, TRIGGERS } from '../../domain/execution.ts';
import { FAILURES, isFailureReason } from '../../domain/failure.ts';

/** The shapes in which the API gives runs. */

export const failureReason = z.enum(Object.keys(FAILURES).filter(isFailureReason));

const counters = z.object({
  read: z.int(),
  inserted: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  stale: z.int(),
  rejected: z.int(),
  duplicate: z.int(),
  pages: z.int(),
  apiCalls: z.int(),
  waitMs: z.int(),
  bytes: z.int(),
});

export const RUN_SHAPE = {
  executionId: z.int(),
  instanceId: z.int(),
  mallId: z.int(),
  mallName: z.string(),
  cafe24MallId: z.string(),
  domainType: z.enum(DOMAIN_TYPES),
  startDate: z.string(),
  endDate: z.string(),
  pageSize: z.int(),
  attemptCount: z.int(),
  mode: z.enum(MODES),
  status: z.enum(EXECUTION_STATUSES),
  trigger: z.enum(TRIGGERS),
  requestedBy: z.string(),
  reason: z.string(),
  installationId: z.string(),
  mallSyncName: z.string().nullable(),
  mallSyncNamespace: z.string().nullable(),
  jobName: z.string().nullable(),
  holder: z.string().nullable().openapi({ description: 'The process that claimed it last.' }),
  leaseEndsInMs: z.number().nullable(),
  requestedAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  seconds: z.number().nullable(),
  lastReason: failureReason.nullable(),
  lastMessage: z.string().nullable(),
  exitCode: z.int().nullable(),
  failureReason: failureReason.nullable(),
  failureMessage: z.string().nullable(),
  isMended: z.boolean().openapi({ description: 'A later execution of the same mall, domain and period took it up.' }),
  counters,
};

export const run = z.object(RUN_SHAPE).openapi('Run');

export const runPage = z
  .object({
    rows: z.array(run),
    next: z.string().nullable().openapi({ description: 'The cursor of the next page.' }),
    previous: z.string().nullable(),
  })
  .openapi('RunPage');
