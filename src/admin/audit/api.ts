import { z } from '@hono/zod-openapi';
import type { ApiApp } from '../api/api-app.ts';
import { apiRoute, json } from '../api/api-route.ts';
import type { AdminContext } from '../context.ts';
import { loadAudit } from './load.ts';
import { auditQuery } from './query.ts';

const auditPage = z
  .object({
    entries: z.array(
      z.object({
        auditId: z.int(),
        atMs: z.number(),
        actor: z.string(),
        action: z.string(),
        target: z.string(),
        source: z.string(),
        outcome: z.string().openapi({ description: '`done`, or what came in its way.' }),
        detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      }),
    ),
    nextBeforeId: z.int().nullable().openapi({ description: 'Goes into `before` for the next page.' }),
  })
  .openapi('AuditPage');

const auditRoute = apiRoute({
  method: 'get',
  path: '/audit',
  role: 'operator',
  summary: 'Who did what to what, when, from where, and what came of it; the newest first',
  tags: ['Audit'],
  request: { query: auditQuery },
  responses: { 200: json(auditPage, 'One page of acts.') },
});

export function mountAuditApi(api: ApiApp, context: AdminContext): void {
  api.openapi(auditRoute, async (c) => c.json(auditPage.parse(await loadAudit(context, c.req.valid('query'))), 200));
}
