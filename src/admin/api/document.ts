import type { ApiApp } from './api-app.ts';
import { registerErrorAnswers } from './error-answers.ts';

export type ApiDocument = ReturnType<ApiApp['getOpenAPI31Document']>;

/** The OpenAPI document of the routes registered so far. */
export function buildApiDocument(api: ApiApp): ApiDocument {
  registerErrorAnswers(api);
  api.openAPIRegistry.registerComponent('securitySchemes', 'basic', {
    type: 'http',
    scheme: 'basic',
    description: 'A name and password of the users file. There is no challenge: send it with the first request.',
  });
  api.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-mallsync',
    description:
      'The session of the page; plain `mallsync` where the page is served over http. An act also carries X-CSRF-Token.',
  });
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'mallsync',
      version: '1',
      description:
        'What the operator’s page shows and does, as JSON. Times are milliseconds since the epoch; `startDate` and ' +
        '`endDate` are local times of Asia/Seoul. `x-role` is the role that a route asks for: viewer, operator or ' +
        'admin, each including the one before.',
    },
    servers: [{ url: '/api/v1' }],
  });
}
