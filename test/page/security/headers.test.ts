import { describe, expect, it } from 'vitest';
import { fillPath, isUnsafe, listRoutes } from '../../support/page-routes.ts';
import { startPageWorld } from '../../support/page-world.ts';

const world = await startPageWorld();
const pages = listRoutes(world.server.app).filter((route) => !isUnsafe(route) && !route.path.endsWith('/events'));
const client = world.visit();

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self' https://*.cafe24api.com",
  "frame-ancestors 'none'",
  "base-uri 'none'",
];

function expectGuards(headers: Headers): void {
  const policy = (headers.get('content-security-policy') ?? '').split(';').map((part) => part.trim());
  expect(policy).toEqual(POLICY);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('referrer-policy')).toBe('same-origin');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('access-control-allow-origin')).toBeNull();
}

describe.each(pages)('GET $path', ({ path }) => {
  it('lets nothing in from elsewhere and has nothing inline', async () => {
    const { status, headers, text } = await client.get(fillPath(path, path.includes(':domainType') ? 'ORDER' : '1'));
    expect(status).toBeLessThan(500);
    expectGuards(headers);
    if (!(headers.get('content-type') ?? '').startsWith('text/html')) return;
    expect(headers.get('cache-control')).toBe('no-store');
    expect(text).not.toMatch(/<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:/i);
    expect(text).toMatch(/<html lang="(en|ko)">/);
  });
});

describe('every answer', () => {
  it.each(['/no-such-page', '/api/v1/no-such-thing', '/runs?status=NO-SUCH', '/sign-in'])(
    'has the same guards: %s',
    async (path) => {
      const { status, headers } = await client.get(path);
      expect(status).toBeLessThan(500);
      expectGuards(headers);
    },
  );

  it('keeps to https where the page is found by https, its cookies too', async () => {
    const secure = await startPageWorld({ users: { ann: 'viewer' }, publicUrl: 'https://sync.example.com' });
    const visitor = await secure.signIn('ann');
    expect([...visitor.cookies.keys()]).toEqual(['__Host-mallsync']);
    const { headers } = await visitor.get('/no-such-page');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    const answer = await visitor.post('/language', { lang: 'ko' });
    expect(answer.headers.getSetCookie().join()).toMatch(/HttpOnly; Secure; SameSite=Lax/);
  });
});
