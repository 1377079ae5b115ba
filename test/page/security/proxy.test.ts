import { describe, expect, it } from 'vitest';
import { hashOfPassword, startPageWorld, type PageAnswer, type PageWorld } from '../../support/page-world.ts';

/** How the page sees somebody: as whom, in which role. */
async function see(world: PageWorld, headers: Readonly<Record<string, string>>): Promise<string | null> {
  const { text } = await world.visit().get('/no-such-page', headers);
  return /who-name">([^<]*)<\/span>\s*<span class="who-role">([^<]*)</.exec(text)?.slice(1).join(' ') ?? null;
}

const ask = (world: PageWorld, headers: Readonly<Record<string, string>>): Promise<PageAnswer> =>
  world.visit().get('/malls', headers);

describe('a listed proxy', () => {
  it('says who the visitor is; the users file gives the role, else the one for all others', async () => {
    const world = await startPageWorld({
      users: {},
      proxies: { addresses: ['127.0.0.0/8'], role: 'viewer', header: 'X-Auth-Request-Email' },
    });
    await world.writeUsers(['boss@example.com:admin:-', `ann:operator:${await hashOfPassword()}`]);
    expect(await see(world, { 'x-auth-request-email': 'new@example.com' })).toBe('new@example.com viewer');
    expect(await see(world, { 'x-auth-request-email': 'boss@example.com' })).toBe('boss@example.com admin');
    expect((await ask(world, {})).status).toBe(303);
    // those without a password cannot use any
    const answer = await world.visit().post('/sign-in', { name: 'boss@example.com', password: '-', csrf: '' });
    expect(answer.status).toBe(401);
  });

  it('lets nobody in whom the users file does not name, where no role is set for them', async () => {
    const world = await startPageWorld({ users: {}, proxies: { addresses: ['127.0.0.1'] } });
    expect((await ask(world, { 'x-forwarded-user': 'stranger' })).status).toBe(303);
  });

  it.each(['a, b', '', 'x'.repeat(201), '<b>', 'a:b'])('is not believed when the name is %j', async (name) => {
    const world = await startPageWorld({ proxies: { addresses: ['127.0.0.1'], role: 'admin' } });
    expect((await ask(world, { 'x-forwarded-user': name })).status).toBe(303);
  });

  it('tells the address that acts are written down with, as far as listed proxies vouch for it', async () => {
    const world = await startPageWorld({
      users: { ann: 'viewer' },
      proxies: { addresses: ['127.0.0.1', '10.0.0.0/8'] },
    });
    const forwarded = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.2.2.2' };
    await world.visit().post('/sign-in', { name: 'ann', password: 'wrong', csrf: '' }, forwarded);
    expect(await world.test.query('select source from mallsync.tb_audit_log')).toEqual([{ source: '203.0.113.9' }]);
  });
});

describe('the header of a proxy', () => {
  it('counts for nothing from any other address', async () => {
    const world = await startPageWorld({ proxies: { addresses: ['192.0.2.1', '10.0.0.0/8'], role: 'admin' } });
    expect((await ask(world, { 'x-forwarded-user': 'boss', 'x-forwarded-for': '10.0.0.1' })).status).toBe(303);
  });

  it('counts for nothing where no proxy is listed', async () => {
    const world = await startPageWorld({ users: { boss: 'admin' } });
    expect((await ask(world, { 'x-forwarded-user': 'boss', 'x-forwarded-for': '127.0.0.1' })).status).toBe(303);
    const answer = { name: 'boss', password: 'wrong', csrf: '' };
    await world.visit().post('/sign-in', answer, { 'x-forwarded-for': '203.0.113.9' });
    expect(await world.test.query('select source from mallsync.tb_audit_log')).toEqual([{ source: '127.0.0.1' }]);
  });
});
