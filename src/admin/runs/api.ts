import type { ApiApp } from '../api/api-app.ts';
import { apiRoute, json } from '../api/api-route.ts';
import type { AdminContext } from '../context.ts';
import { runPage } from './api-run.ts';
import { loadRunPage } from './load.ts';
import { runListQuery } from './query.ts';

const tags = ['Runs'];

const listRoute = apiRoute({
  method: 'get',
  path: '/runs',
  role: 'viewer',
  summary: 'Runs by filter, search and order',
  description:
    'A list takes several values, repeated or with commas. `start` and `end` pick runs whose period overlaps, `night` ' +
    'those that read that day last, `since` and `until` when they were asked for; days or local times of Asia/Seoul.',
  tags,
  request: { query: runListQuery },
  responses: { 200: json(runPage, 'One page of runs.') },
});

export function mountRunsApi(api: ApiApp, context: AdminContext): void {
  api.openapi(listRoute, async (c) => c.json(runPage.parse(await loadRunPage(context, c.req.valid('query'))), 200));
}
