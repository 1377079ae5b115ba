import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { startPageWorld } from '../../support/page-world.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

describe('while the database is away', () => {
  it('every page says so and asks again by itself, and all is well when it is back', async () => {
    const test = await createTestDatabase();
    const target = new URL(test.url);
    const proxy = await startTcpProxy(target.hostname, Number(target.port));
    onTestFinished(() => proxy.close());
    target.hostname = proxy.host;
    target.port = String(proxy.port);
    const world = await startPageWorld({ users: { ann: 'viewer' }, database: test, databaseUrl: target.href });
    const client = await world.signIn('ann');
    expect((await client.get('/runs')).status).toBe(200);
    expect((await client.get('/readyz')).status).toBe(200);
    await proxy.cut();

    for (const path of ['/runs', '/malls', '/requests', '/now', '/no-such-page']) {
      const answer = await client.get(path);
      expect(answer.status, path).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(answer.text).toContain('<meta http-equiv="refresh" content="5"');
      expect(answer.text).toContain('The database does not answer');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    const api = await client.get('/api/v1/malls');
    expect(api.status).toBe(503);
    expect(JSON.parse(api.text)).toMatchObject({ error: { code: 'database_unavailable' } });
    // what was sent is not sent again by itself
    const act = await client.post('/sign-in', { name: 'ann', password: 'x', csrf: '' });
    expect(act.status).toBe(503);
    expect(act.text).not.toContain('http-equiv');
    expect((await client.get('/livez')).status).toBe(200);
    expect((await client.get('/readyz')).status).toBe(503);
    expect((await client.get('/sign-in')).status).toBe(503);

    await proxy.mend();
    expect((await client.get('/runs')).status).toBe(200);
    expect((await client.get('/api/v1/malls')).status).toBe(200);
    expect((await client.get('/readyz')).status).toBe(200);
  });

  it('a defect tells the visitor no more than where the log says more', async () => {
    const world = await startPageWorld();
    await world.test.query('alter table mallsync.tb_mall_config rename column name to title');
    const { status, text, headers } = await world.visit().get('/malls');
    expect(status).toBe(500);
    expect(text).toContain(headers.get('x-request-id'));
    expect(text).not.toMatch(/column|select|PostgreSQL/);
    const errors = world.logged.filter(({ level }) => level === 'error');
    expect(errors).toEqual([expect.objectContaining({ requestId: headers.get('x-request-id'), path: '/malls' })]);
  });
});
