import { describe, expect, it } from 'vitest';
import { fillPath, isUnsafe, listRoutes } from '../../support/page-routes.ts';
import { startPageWorld } from '../../support/page-world.ts';

const world = await startPageWorld({ users: { adam: 'admin', eve: 'admin' } });
const adam = await world.signIn('adam');
const eve = await world.signIn('eve');
const acts = listRoutes(world.server.app).filter((route) => isUnsafe(route) && route.role !== undefined);

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_BODY = { 'content-type': 'application/json' };

function toHeaders(path: string): Record<string, string> {
  return path.startsWith('/api/') ? JSON_BODY : FORM;
}

describe.each(acts)('$method $path', ({ method, path }) => {
  const target = fillPath(path);
  const body = path.startsWith('/api/') ? '{}' : 'a=1';

  it('is refused without the token of the session', async () => {
    const answer = await adam.send(target, { method, body, headers: toHeaders(path) });
    expect(answer.status).toBe(403);
  });

  it('is refused with the token of another session', async () => {
    const headers = { ...toHeaders(path), 'x-csrf-token': await eve.readToken() };
    expect((await adam.send(target, { method, body, headers })).status).toBe(403);
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `http://127.0.0.1:${world.port + 1}` },
  ])('is refused from another site: %j', async (from) => {
    const headers = { ...toHeaders(path), ...from, 'x-csrf-token': await adam.readToken() };
    expect((await adam.send(target, { method, body, headers })).status).toBe(403);
  });
});

describe('a form of the page itself', () => {
  it('is taken with its token, from its own origin', async () => {
    const back = { lang: 'ko', back: '/malls' };
    const headers = { origin: world.url, 'sec-fetch-site': 'same-origin' };
    expect(await adam.post('/language', back, headers)).toMatchObject({ status: 303, location: '/malls' });
    const signed = await world.signIn('adam');
    expect((await signed.post('/sign-out', {}, headers)).status).toBe(303);
  });

  it('is refused from another site also where no session is needed', async () => {
    const client = world.visit();
    const headers = { origin: 'https://evil.example' };
    expect((await client.post('/language', { lang: 'ko', csrf: '' }, headers)).status).toBe(403);
    expect((await client.post('/sign-in', { name: 'adam', password: 'x', csrf: '' }, headers)).status).toBe(403);
  });
});
