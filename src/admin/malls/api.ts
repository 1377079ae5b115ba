import { z } from '@hono/zod-openapi';
import type { ApiApp } from '../api/api-app.ts';
import { apiRoute, json, jsonBody } from '../api/api-route.ts';
import type { AdminContext } from '../context.ts';
import { mallDocument, mallList, mallParam } from './api-mall.ts';
import { mountMallImportApi } from './api-import.ts';
import { loadMall, loadMallList, type MallFacts } from './load.ts';
import { mallListQuery } from './query.ts';
import { saveActive } from './save-active.ts';

const tags = ['Malls'];

const listRoute = apiRoute({
  method: 'get',
  path: '/malls',
  role: 'viewer',
  summary: 'Malls with their freshness and how their consent stands',
  tags,
  request: { query: mallListQuery },
  responses: { 200: json(mallList, 'One page of malls, in order of mallId.') },
});

const mallRoute = apiRoute({
  method: 'get',
  path: '/malls/{mallId}',
  role: 'viewer',
  summary: 'One mall, without its secrets',
  tags,
  request: { params: mallParam },
  responses: { 200: json(mallDocument, 'The mall.') },
});

const activeRoute = apiRoute({
  method: 'patch',
  path: '/malls/{mallId}',
  role: 'admin',
  summary: 'Activate or deactivate a mall',
  tags,
  request: { params: mallParam, body: jsonBody(z.strictObject({ active: z.boolean() })) },
  responses: { 200: json(mallDocument, 'The mall as it is now.') },
});

export function mountMallsApi(api: ApiApp, context: AdminContext): void {
  api.openapi(listRoute, async (c) => {
    const { rows: malls, next, totals, targetHours } = await loadMallList(context, c.req.valid('query'));
    return c.json(mallList.parse({ malls, next, totals, targetHours }), 200);
  });
  api.openapi(mallRoute, async (c) => {
    const { mallId } = c.req.valid('param');
    return c.json(toDocument(await loadMall(context, mallId)), 200);
  });
  api.openapi(activeRoute, async (c) => {
    const { mallId } = c.req.valid('param');
    await saveActive(c, context, mallId, c.req.valid('json').active);
    return c.json(toDocument(await loadMall(context, mallId)), 200);
  });
  mountMallImportApi(api, context);
}

/** Only what the document names goes out. */
function toDocument({ board, listing, failedRuns }: MallFacts): z.output<typeof mallDocument> {
  const credential = board.credential && { ...board.credential, clientId: listing.credential?.clientId ?? '' };
  const { shopNos, settings } = listing;
  return mallDocument.parse({ ...board, credential, shopNos, settings, failedRuns });
}
