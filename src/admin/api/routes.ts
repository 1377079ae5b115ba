import type { AdminContext } from '../context.ts';
import type { AdminApp } from '../env.ts';
import { allow } from '../security/allow.ts';
import { createApiApp, type ApiApp } from './api-app.ts';
import { buildApiDocument } from './document.ts';
import { API_MOUNTS } from './mounts.ts';

/** The API with every feature's routes, and its own description. */
export function buildApi(context: AdminContext): ApiApp {
  const api = createApiApp();
  for (const mount of API_MOUNTS) mount(api, context);
  const document = buildApiDocument(api);
  api.get('/openapi.json', allow('viewer'), (c) => c.json(document));
  return api;
}

export function mountApi(app: AdminApp, context: AdminContext): void {
  app.route('/api/v1', buildApi(context));
}
