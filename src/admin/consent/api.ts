import { z } from '@hono/zod-openapi';
import type { ApiApp } from '../api/api-app.ts';
import { apiRoute, json } from '../api/api-route.ts';
import type { AdminContext } from '../context.ts';
import { mallParam } from '../malls/api-mall.ts';
import { beginConsent } from './begin.ts';

const authorizeRoute = apiRoute({
  method: 'post',
  path: '/malls/{mallId}/authorize',
  role: 'admin',
  summary: 'Begin a mall’s consent',
  description:
    'Gives the address of Cafe24’s page, where the mall’s chief operator agrees. It works once, for ten minutes, and ' +
    'only in the session that asked for it: Cafe24 leads back to the page, which stores the tokens.',
  tags: ['Malls'],
  request: { params: mallParam },
  responses: { 200: json(z.object({ mallId: z.int(), consentUrl: z.url() }), 'Where to agree.') },
});

export function mountConsentApi(api: ApiApp, context: AdminContext): void {
  api.openapi(authorizeRoute, async (c) => {
    const { mallId } = c.req.valid('param');
    return c.json({ mallId, consentUrl: await beginConsent(c, context, mallId) }, 200);
  });
}
