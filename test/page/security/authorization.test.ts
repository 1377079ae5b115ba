import { describe, expect, it } from 'vitest';
import { mayActAs, ROLES } from '../../../src/admin/env.ts';
import { fillPath, isUnsafe, listRoutes, type PageRoute } from '../../support/page-routes.ts';
import { startPageWorld } from '../../support/page-world.ts';

const world = await startPageWorld({ users: { viewer: 'viewer', operator: 'operator', admin: 'admin' } });
const clients = {
  viewer: await world.signIn('viewer'),
  operator: await world.signIn('operator'),
  admin: await world.signIn('admin'),
};
const routes = listRoutes(world.server.app);
const guarded = routes.filter(({ role }) => role !== undefined);

/** What anybody may ask for without saying who it is. */
const OPEN = [
  'GET /livez',
  'GET /readyz',
  'GET /assets/app.css',
  'GET /assets/app.js',
  'GET /assets/icon.svg',
  'POST /language',
  'GET /sign-in',
  'POST /sign-in',
];

const isApi = ({ path }: PageRoute): boolean => path.startsWith('/api/');
const isStream = ({ path }: PageRoute): boolean => path.endsWith('/events');
const toTarget = ({ path }: PageRoute): string => fillPath(path, path.includes(':domainType') ? 'ORDER' : '1');

describe('the routes', () => {
  it('each have the least role they serve, but for those that are open on purpose', () => {
    const open = routes.filter(({ role }) => role === undefined);
    expect(open.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(OPEN.toSorted());
    expect(guarded.length).toBeGreaterThan(30);
  });

  it('that change something never serve a viewer, but to sign out', () => {
    const forViewers = guarded.filter((route) => isUnsafe(route) && route.role === 'viewer' && !isPreview(route));
    expect(forViewers.map(({ path }) => path)).toEqual(['/sign-out']);
  });
});

function isPreview({ path }: PageRoute): boolean {
  return path.endsWith('/preview');
}

describe.each(guarded)('$method $path', (route) => {
  it('asks a stranger to sign in', async () => {
    const answer = await world.visit().send(toTarget(route), { method: route.method });
    if (isApi(route) || isStream(route)) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBeNull();
    } else {
      expect(answer).toMatchObject({ status: 303, location: expect.stringMatching(/^\/sign-in\?next=/) });
    }
  });

  it.each(ROLES)('serves the role %s as far as it reaches', async (role) => {
    if (route.path === '/sign-out') return;
    const client = clients[role];
    const stop = new AbortController();
    const answer = await fetch(`${world.url}${toTarget(route)}`, {
      method: route.method,
      redirect: 'manual',
      signal: stop.signal,
      headers: {
        cookie: [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'x-csrf-token': await client.readToken(),
        ...(isApi(route) && isUnsafe(route) ? { 'content-type': 'application/json' } : {}),
      },
      ...(isApi(route) && isUnsafe(route) ? { body: '{}' } : {}),
    });
    // a stream never ends by itself
    stop.abort();
    if (!mayActAs(role, route.role ?? 'viewer')) expect(answer.status).toBe(403);
    else expect(answer.status).toSatisfy((status) => status < 500 && status !== 401 && status !== 403);
  });
});
