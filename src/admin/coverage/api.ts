import { z } from '@hono/zod-openapi';
import { DAY_STATES } from '../../adapters/postgres/read-models/calendar-days.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import type { ApiApp } from '../api/api-app.ts';
import { apiRoute, json } from '../api/api-route.ts';
import type { AdminContext } from '../context.ts';
import { mallParam } from '../malls/api-mall.ts';
import { loadCoverageMonth } from './load.ts';
import { coverageQuery } from './query.ts';

const calendar = z
  .object({
    mallId: z.int(),
    domainType: z.enum(DOMAIN_TYPES),
    month: z.string().openapi({ example: '2025-12' }),
    firstDay: z.string().openapi({ description: 'The first day that is expected to be covered.' }),
    days: z.array(
      z.object({
        day: z.string().openapi({ example: '2025-12-01' }),
        state: z.enum(DAY_STATES),
        openRejects: z.int(),
        executionIds: z.array(z.int()),
      }),
    ),
    missingRanges: z.array(z.object({ startDate: z.string(), endDate: z.string(), days: z.int() })),
  })
  .openapi('CoverageMonth');

const coverageRoute = apiRoute({
  method: 'get',
  path: '/malls/{mallId}/coverage/{domainType}',
  role: 'viewer',
  summary: 'Which days of a month one mall and domain type have, and which ranges a new run could fill',
  tags: ['Malls'],
  request: {
    params: mallParam.extend({ domainType: z.enum(DOMAIN_TYPES) }),
    query: coverageQuery,
  },
  responses: { 200: json(calendar, 'The month, by default the current one.') },
});

export function mountCoverageApi(api: ApiApp, context: AdminContext): void {
  api.openapi(coverageRoute, async (c) => {
    const { mallId, domainType } = c.req.valid('param');
    const { month } = c.req.valid('query');
    const found = await loadCoverageMonth(context, mallId, domainType, month);
    return c.json(calendar.parse({ mallId, domainType, ...found }), 200);
  });
}
