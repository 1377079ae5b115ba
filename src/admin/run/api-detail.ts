import { z } from '@hono/zod-openapi';
import { ERROR_STATUSES } from '../../adapters/postgres/error-log.ts';
import { REQUEST_STATES, RETRY_KINDS } from '../../adapters/postgres/retry-request.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { EXECUTION_STATUSES } from '../../domain/execution.ts';
import { STAGES } from '../../domain/row-error.ts';
import { WINDOW_STATES } from '../../domain/window.ts';
import { failureReason, run, RUN_SHAPE } from '../runs/api-run.ts';

/** The shapes in which the API gives one run and what belongs to it. */

const span = z.object({ fromMs: z.number(), untilMs: z.number() });

export const windowRecord = z
  .object({
    n: z.int(),
    fromMs: z.number(),
    untilMs: z.number(),
    shopNo: z.int(),
    dateType: z.string(),
    state: z.enum(WINDOW_STATES),
    nextOffset: z.int(),
    countBefore: z.int().nullable().openapi({ description: 'The API’s count before the pass over the window.' }),
    countAfter: z.int().nullable(),
    rowsSeen: z.int(),
    distinctSeen: z.int(),
    rejected: z.int(),
    rereads: z.int(),
    message: z.string().nullable(),
  })
  .openapi('Window');

const atMs = z.number();
const runEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('requested'), atMs, requestedBy: z.string() }),
  z.object({ kind: z.literal('launched'), atMs, jobName: z.string().nullable() }),
  z.object({ kind: z.literal('started'), atMs }),
  z.object({ kind: z.literal('windowSettled'), atMs, n: z.int(), state: z.enum(WINDOW_STATES) }),
  z.object({ kind: z.literal('windowsSettled'), atMs, count: z.int() }),
  z.object({
    kind: z.literal('ended'),
    atMs,
    status: z.enum(EXECUTION_STATUSES),
    reason: failureReason.nullable(),
  }),
  z.object({
    kind: z.literal('retryRequested'),
    atMs,
    requestId: z.int(),
    key: z.string(),
    requestKind: z.enum(RETRY_KINDS),
    requestedBy: z.string(),
    reason: z.string(),
    state: z.enum(REQUEST_STATES),
    result: z.string().nullable(),
    executionId: z.int().nullable(),
  }),
]);

const errorGroup = z.object({
  fingerprint: z.string(),
  stage: z.enum(STAGES),
  reasonCode: z.string(),
  field: z.string().nullable(),
  entries: z.int(),
  times: z.int(),
  open: z.int(),
  sampleErrorId: z.int(),
  sampleMessage: z.string(),
  samplePayload: z.unknown().openapi({ description: 'Masked.' }),
});

export const runDetail = z
  .object({
    ...RUN_SHAPE,
    reading: z.int(),
    fenceToken: z.int(),
    launchedAtMs: z.number().nullable(),
    replayFingerprints: z.array(z.string()).nullable(),
    period: span,
    advice: z
      .object({ reason: failureReason, message: z.string(), why: z.string(), what: z.string() })
      .nullable()
      .openapi({ description: 'Why it failed or is held up, and what to do, in the language of the request.' }),
    attempts: z.array(run),
    windows: z.array(windowRecord),
    timeline: z.array(runEvent),
    coverage: z.object({ covered: z.array(span), withRejects: z.array(span) }),
    errorGroups: z.array(errorGroup),
  })
  .openapi('RunDetail');

export const windowList = z.object({ windows: z.array(windowRecord) }).openapi('WindowList');

export const rejectedRows = z
  .object({
    entries: z.array(
      z.object({
        errorId: z.int(),
        mallId: z.int(),
        domainType: z.enum(DOMAIN_TYPES),
        rowKey: z.string().nullable().openapi({ description: 'Masked where it names a person.' }),
        stage: z.enum(STAGES),
        reasonCode: z.string(),
        field: z.string().nullable(),
        fingerprint: z.string(),
        message: z.string(),
        payload: z.unknown().openapi({ description: 'Masked.' }),
        firstSeenAtMs: z.number(),
        lastSeenAtMs: z.number(),
        times: z.int(),
        status: z.enum(ERROR_STATUSES),
        statusBy: z.string().nullable(),
        statusAtMs: z.number().nullable(),
      }),
    ),
    nextBeforeId: z.int().nullable().openapi({ description: 'Goes into `before` for the next page.' }),
  })
  .openapi('RejectedRows');

export const revealedRow = z
  .object({
    errorId: z.int(),
    mallId: z.int(),
    domainType: z.enum(DOMAIN_TYPES),
    rowKey: z.string().nullable(),
    row: z.record(z.string(), z.unknown()).nullable().openapi({ description: 'What is stored under the key.' }),
  })
  .openapi('RevealedRow');
