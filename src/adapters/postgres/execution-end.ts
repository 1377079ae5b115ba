import { z } from 'zod';
import type { FailureReason } from '../../domain/failure.ts';
import { isFailureReason } from '../../domain/failure.ts';
import type { ExecutionEnd } from '../../engine/ledger.ts';

export const failureReason = z.custom<FailureReason>((value) => typeof value === 'string' && isFailureReason(value));

const COUNTER_COLUMNS =
  'read, inserted, updated, unchanged, stale, rejected, duplicate, pages, api_calls, wait_ms, bytes';

export const counterShape = {
  read: z.int(),
  inserted: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  stale: z.int(),
  rejected: z.int(),
  duplicate: z.int(),
  pages: z.int(),
  api_calls: z.int(),
  wait_ms: z.int(),
  bytes: z.int(),
} as const;

const counterRow = z.object(counterShape);

export function toCounters(row: z.infer<typeof counterRow>): ExecutionEnd['counters'] {
  const { read, inserted, updated, unchanged, stale, rejected, duplicate, pages, bytes } = row;
  const { api_calls: apiCalls, wait_ms: waitMs } = row;
  return { read, inserted, updated, unchanged, stale, rejected, duplicate, pages, apiCalls, waitMs, bytes };
}

export const RETURNED_END = `status, failure_reason, failure_message, ${COUNTER_COLUMNS},
  extract(epoch from ended_at - started_at)::float8 as duration_seconds`;

const endRow = z.object({
  status: z.enum(['COMPLETED', 'COMPLETED_WITH_REJECTS', 'FAILED']),
  failure_reason: failureReason.nullable(),
  failure_message: z.string().nullable(),
  duration_seconds: z.number().nullable(),
  ...counterShape,
});

export function parseEnd(row: unknown): { readonly end: ExecutionEnd; readonly durationSeconds: number | null } {
  const parsed = endRow.parse(row);
  return {
    end: {
      status: parsed.status,
      failureReason: parsed.failure_reason,
      failureMessage: parsed.failure_message,
      counters: toCounters(parsed),
    },
    durationSeconds: parsed.duration_seconds,
  };
}
