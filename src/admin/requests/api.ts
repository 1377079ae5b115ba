import { z } from '@hono/zod-openapi';
import { listClicks } from '../../adapters/postgres/read-models/request-list.ts';
import { REQUEST_STATES, RETRY_KINDS } from '../../adapters/postgres/retry-request.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { EXECUTION_STATUSES } from '../../domain/execution.ts';
import { RERUN_OUTCOMES } from '../../domain/rerun-outcome.ts';
import type { ApiApp } from '../api/api-app.ts';
import { apiRoute, json } from '../api/api-route.ts';
import type { AdminContext } from '../context.ts';
import { failureReason } from '../runs/api-run.ts';
import { loadProgress } from './load.ts';
import type { Progress } from './load.ts';
import { CLICKS_A_PAGE, clickListQuery } from './query.ts';

const tags = ['Requests'];

const WHO = {
  key: z.string(),
  kind: z.enum(RETRY_KINDS),
  requestedBy: z.string(),
  requestedAtMs: z.number(),
  reason: z.string(),
  state: z.enum(REQUEST_STATES),
};

const REQUEST = {
  requestId: z.int(),
  domainType: z.enum(DOMAIN_TYPES),
  startDate: z.string(),
  endDate: z.string(),
  state: z.enum(REQUEST_STATES),
};

const clickPage = z
  .object({
    clicks: z
      .array(
        z.object({
          ...WHO,
          requests: z.array(z.object({ ...REQUEST, malls: z.int() })).readonly(),
          tally: z.record(z.enum(['pending', 'accepted', 'running', 'done', 'refused', 'failed']), z.int()),
        }),
      )
      .readonly(),
    nextBeforeId: z.int().nullable().openapi({ description: 'To be given as `before` for what is older.' }),
  })
  .openapi('ClickPage');

const progressDocument = z
  .object({
    ...WHO,
    isOver: z.boolean(),
    isServed: z.boolean().openapi({ description: 'Whether a server or controller is connected that carries it out.' }),
    counts: z.record(z.enum(RERUN_OUTCOMES), z.int()),
    requests: z.array(
      z.object({ ...REQUEST, pageSize: z.int(), fingerprints: z.array(z.string()).readonly().nullable() }),
    ),
    items: z.array(
      z.object({
        requestId: z.int(),
        mallId: z.int(),
        mallName: z.string(),
        outcome: z.enum(RERUN_OUTCOMES),
        reason: failureReason.nullable(),
        result: z.string().nullable(),
        executionId: z.int().nullable(),
        executionStatus: z.enum(EXECUTION_STATUSES).nullable(),
      }),
    ),
  })
  .openapi('Request');

const listRoute = apiRoute({
  method: 'get',
  path: '/requests',
  role: 'viewer',
  summary: 'What was asked for, the newest first',
  tags,
  request: { query: clickListQuery },
  responses: { 200: json(clickPage, `At most ${CLICKS_A_PAGE}.`) },
});

const oneRoute = apiRoute({
  method: 'get',
  path: '/requests/{key}',
  role: 'viewer',
  summary: 'How far one request is, mall by mall',
  tags,
  request: { params: z.object({ key: z.string().max(200) }) },
  responses: { 200: json(progressDocument, 'As of now.') },
});

export function mountRequestsApi(api: ApiApp, context: AdminContext): void {
  api.openapi(listRoute, async (c) => {
    const { state: states, before: beforeId } = c.req.valid('query');
    const page = await listClicks(context.database.pool, { states, beforeId, limit: CLICKS_A_PAGE });
    return c.json(clickPage.parse(page), 200);
  });
  api.openapi(oneRoute, async (c) => {
    const progress = await loadProgress(context, c.req.valid('param').key);
    return c.json(progressDocument.parse(toDocument(progress)), 200);
  });
}

function toDocument({ click, items, ...progress }: Progress): object {
  return {
    ...click,
    ...progress,
    items: items.map(({ request, ...item }) => ({ ...item, requestId: request.requestId })),
  };
}
