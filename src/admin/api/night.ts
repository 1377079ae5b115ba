import { z } from '@hono/zod-openapi';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import type { AdminContext } from '../context.ts';
import { loadNight } from '../runs/load.ts';
import { day, optional } from '../runs/query-fields.ts';
import type { ApiApp } from './api-app.ts';
import { apiRoute, json } from './api-route.ts';

const counts = {
  total: z.int(),
  done: z.int(),
  failed: z.int(),
  waiting: z.int(),
  running: z.int(),
  late: z.int().openapi({ description: 'Those of `waiting` and `running`, once the deadline has passed.' }),
};

const night = z
  .object({
    night: z.string().openapi({ description: 'The day that was read, YYYY-MM-DD.' }),
    fromMs: z.number(),
    untilMs: z.number(),
    byDomain: z
      .array(z.object({ ...counts, domainType: z.enum(DOMAIN_TYPES), doneWithRejects: z.int(), stopped: z.int() }))
      .readonly(),
    malls: z.object(counts),
    groups: z
      .array(
        z.object({
          reason: z.string(),
          malls: z.int(),
          executions: z.int(),
          domainTypes: z.array(z.enum(DOMAIN_TYPES)).readonly(),
        }),
      )
      .readonly(),
    history: z.array(z.object({ night: z.string(), done: z.int(), failed: z.int() })).readonly(),
  })
  .openapi('Night');

const readNight = apiRoute({
  method: 'get',
  path: '/night',
  role: 'viewer',
  tags: ['Runs'],
  summary: 'How a night went: malls and domain types done, failed, waiting and late, and the failures by reason',
  request: { query: z.object({ night: optional(day).openapi({ description: 'By default yesterday.' }) }) },
  responses: { 200: json(night, 'The night, and the 14 nights before it.') },
});

export function mountNightApi(api: ApiApp, context: AdminContext): void {
  api.openapi(readNight, async (c) => c.json(await loadNight(context, c.req.valid('query').night), 200));
}
