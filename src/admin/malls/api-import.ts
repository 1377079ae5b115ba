import { z } from '@hono/zod-openapi';
import { previewMalls } from '../../adapters/postgres/import-malls.ts';
import { MallImportError } from '../../adapters/postgres/mall-import-fault.ts';
import type { ApiApp } from '../api/api-app.ts';
import { apiRoute, json, jsonBody } from '../api/api-route.ts';
import type { AdminContext } from '../context.ts';
import { importedMalls, mallEntry, previewedMalls } from './api-mall.ts';
import { toBadInput } from './fault-text.ts';
import { saveMalls } from './form-routes.ts';

const tags = ['Malls'];
const RULES =
  'The rules are those of `mallsync malls import`: what is left out keeps its stored value, and importing the same ' +
  'again changes nothing. A working consent is replaced only with `force`.';

const addRoute = apiRoute({
  method: 'post',
  path: '/malls',
  role: 'admin',
  summary: 'Add or update one mall',
  description: RULES,
  tags,
  request: { body: jsonBody(mallEntry) },
  responses: { 200: json(importedMalls, 'What was done.') },
});

const importRoute = apiRoute({
  method: 'post',
  path: '/malls/import',
  role: 'admin',
  summary: 'Add or update a list of malls, all or none',
  description: RULES,
  tags,
  request: { body: jsonBody(z.strictObject({ malls: z.array(mallEntry), force: z.boolean().default(false) })) },
  responses: { 200: json(importedMalls, 'What was done.') },
});

const previewRoute = apiRoute({
  method: 'post',
  path: '/malls/import/preview',
  role: 'admin',
  summary: 'What an import would do, with nothing changed',
  tags,
  request: { body: jsonBody(z.strictObject({ malls: z.array(mallEntry), force: z.boolean().default(false) })) },
  responses: { 200: json(previewedMalls, 'What would be done.') },
});

export function mountMallImportApi(api: ApiApp, context: AdminContext): void {
  api.openapi(addRoute, async (c) => {
    const malls = await orBadInput(saveMalls(c, context, 'malls add', [c.req.valid('json')], false));
    return c.json(importedMalls.parse({ malls }), 200);
  });
  api.openapi(importRoute, async (c) => {
    const { malls: content, force } = c.req.valid('json');
    const malls = await orBadInput(saveMalls(c, context, 'malls import', content, force));
    return c.json(importedMalls.parse({ malls }), 200);
  });
  api.openapi(previewRoute, async (c) => {
    const { malls: content, force } = c.req.valid('json');
    const { database, encryptionKeys } = context;
    const malls = await orBadInput(previewMalls(database, content, { encryptionKeys, isForced: force }));
    return c.json(previewedMalls.parse({ malls }), 200);
  });
}

async function orBadInput<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof MallImportError ? toBadInput(error) : error;
  }
}
