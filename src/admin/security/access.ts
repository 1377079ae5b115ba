import type { MiddlewareHandler } from 'hono';
import type { AdminEnv } from '../env.ts';
import { assertSameOrigin, assertToken, isUnsafe } from './forgery.ts';
import { identify, isApiPath } from './identify.ts';
import { assertReadable } from './readable.ts';
import type { Security } from './security.ts';

/** No visitor is known; answered with 401, or with the way to the sign-in page. */
export class Unknown extends Error {
  constructor() {
    super('sign in first');
    this.name = 'Unknown';
  }
}

/** Every request past the open ones has a visitor, and one that changes something was meant by that visitor. */
export function createAccess(security: Security): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    if (isUnsafe(c.req.method)) assertSameOrigin(c, security);
    const identified = await identify(c, security);
    if (identified === null) throw new Unknown();
    c.set('visitor', identified.visitor);
    await assertReadable(c);
    if (isUnsafe(c.req.method)) await assertToken(c, security, identified.via);
    if (!isApiPath(c.req.path)) c.header('Cache-Control', 'no-store');
    await next();
  };
}
