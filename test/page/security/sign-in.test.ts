import { describe, expect, it } from 'vitest';
import { hashPassword } from '../../../src/admin/security/scrypt.ts';
import { hashOfPassword, PASSWORD, startPageWorld, type PageClient } from '../../support/page-world.ts';

const world = await startPageWorld({ users: { ann: 'viewer', oli: 'operator', adam: 'admin' } });

const COOKIE = 'mallsync';

async function isSignedIn(client: PageClient): Promise<boolean> {
  return (await client.get('/no-such-page')).status === 404;
}

async function readActs(action: string): Promise<readonly { actor: string; outcome: string; source: string }[]> {
  return await world.test.query(
    'select actor, outcome, source from mallsync.tb_audit_log where action = $1 order by audit_id',
    [action],
  );
}

describe('signing in', () => {
  it('leads to the page that was asked for', async () => {
    const client = world.visit();
    const asked = await client.get('/malls?state=late');
    expect(asked).toMatchObject({ status: 303, location: '/sign-in?next=%2Fmalls%3Fstate%3Dlate' });
    const done = await client.post('/sign-in', {
      name: 'ann',
      password: PASSWORD,
      next: '/malls?state=late',
      csrf: '',
    });
    expect(done).toMatchObject({ status: 303, location: '/malls?state=late' });
    expect((await client.get('/no-such-page')).text).toContain('ann');
    expect(await client.get('/sign-in?next=/requests')).toMatchObject({ status: 303, location: '/requests' });
  });

  it('gives a cookie that scripts and other sites do not get, and keeps only its hash', async () => {
    const client = world.visit();
    const answer = await client.post('/sign-in', { name: 'ann', password: PASSWORD, csrf: '' });
    expect(answer.headers.getSetCookie().at(-1)).toMatch(/^mallsync=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const rows = await world.test.query<{ row: string }>('select s::text as row from mallsync.tb_admin_session s');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map(({ row }) => row).join()).not.toContain(client.cookies.get(COOKIE) ?? 'missing');
  });

  it('says the same of a wrong password and of a name that nobody has, and repeats neither', async () => {
    const [wrong, unknown] = [
      await world.visit().post('/sign-in', { name: 'oli', password: 'not this one at all', csrf: '' }),
      await world.visit().post('/sign-in', { name: 'nobody', password: 'not this one at all', csrf: '' }),
    ];
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.text.replaceAll('oli', 'nobody')).toBe(unknown.text);
    expect(wrong.text).not.toContain('not this one at all');
  });

  it('is written down with who, from where and what came of it, but no name that nobody has', async () => {
    const acts = await readActs('sign in');
    expect(acts).toContainEqual({ actor: 'ann', outcome: 'done', source: '127.0.0.1' });
    expect(acts).toContainEqual({ actor: 'oli', outcome: 'refused', source: '127.0.0.1' });
    expect(acts).toContainEqual({ actor: 'unknown', outcome: 'refused', source: '127.0.0.1' });
    expect(acts.map(({ actor }) => actor)).not.toContain('nobody');
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '\\\\evil.example',
    '/%09/evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/a/..//evil.example',
    'javascript:alert(1)',
    '/x\r\nSet-Cookie: a=b',
    '/sign-out',
    '',
  ])('leads nowhere but to this page: next=%j', async (next) => {
    const client = world.visit();
    const { headers, location } = await client.post('/sign-in', { name: 'ann', password: PASSWORD, next, csrf: '' });
    const target = new URL(location ?? '', world.url);
    expect(target.origin).toBe(world.url);
    expect(target.pathname).not.toMatch(/^\/\//);
    expect(target.pathname).not.toBe('/sign-out');
    expect(headers.getSetCookie().filter((cookie) => !cookie.startsWith('mallsync='))).toEqual([]);
  });
});

describe('a session', () => {
  it('is a new one with each sign-in, and the one before is over', async () => {
    const client = await world.signIn('ann');
    const before = client.cookies.get(COOKIE) ?? '';
    await client.post('/sign-in', { name: 'ann', password: PASSWORD, csrf: '' });
    expect(client.cookies.get(COOKIE)).not.toBe(before);
    expect((await world.visit().get('/malls', { cookie: `mallsync=${before}` })).status).toBe(303);
  });

  it('cannot be fixed beforehand by somebody else', async () => {
    const planted = 'A'.repeat(43);
    const answer = await world.visit().send('/sign-in', {
      method: 'POST',
      body: new URLSearchParams({ name: 'ann', password: PASSWORD }),
      headers: { cookie: `mallsync=${planted}` },
    });
    expect(answer.status).toBe(303);
    expect(answer.headers.getSetCookie().join()).not.toContain(planted);
    expect((await world.visit().get('/malls', { cookie: `mallsync=${planted}` })).status).toBe(303);
  });

  it('ends for good by signing out', async () => {
    const client = await world.signIn('oli');
    const token = client.cookies.get(COOKIE) ?? '';
    expect(await client.post('/sign-out')).toMatchObject({ status: 303, location: '/sign-in' });
    expect(client.cookies.get(COOKIE)).toBeUndefined();
    expect((await world.visit().get('/malls', { cookie: `mallsync=${token}` })).status).toBe(303);
    expect(await readActs('sign out')).toEqual([{ actor: 'oli', outcome: 'done', source: '127.0.0.1' }]);
  });

  it.each([
    ['idle for an hour', "seen_at = now() - interval '61 minutes'"],
    ['twelve hours old', "expires_at = now() - interval '1 second'"],
  ])('is over when it is %s', async (_what, change) => {
    const client = await world.signIn('ann');
    expect(await isSignedIn(client)).toBe(true);
    await world.test.query(`update mallsync.tb_admin_session set ${change} where name = 'ann'`);
    expect(await isSignedIn(client)).toBe(false);
    await world.test.query(`delete from mallsync.tb_admin_session where name = 'ann'`);
  });

  it('goes on while it is used', async () => {
    const client = await world.signIn('ann');
    await world.test.query(
      `update mallsync.tb_admin_session set seen_at = now() - interval '59 minutes' where name = 'ann'`,
    );
    expect(await isSignedIn(client)).toBe(true);
    const [row] = await world.test.query<{ is_fresh: boolean }>(
      `select bool_and(seen_at > now() - interval '1 minute') as is_fresh from mallsync.tb_admin_session where name = 'ann'`,
    );
    expect(row?.is_fresh).toBe(true);
  });
});

describe('the users file', () => {
  it('says at each request who may do what, also to those who are signed in', async () => {
    const hash = await hashOfPassword();
    const others = [`ann:viewer:${hash}`, `oli:operator:${hash}`];
    const client = await world.signIn('adam');
    expect((await client.get('/malls/add')).status).toBe(200);
    await world.writeUsers([`adam:operator:${hash}`, ...others]);
    expect((await client.get('/malls/add')).status).toBe(403);
    await world.writeUsers(others);
    expect(await isSignedIn(client)).toBe(false);
    await world.writeUsers([`adam:admin:${await hashPassword('another password now')}`, ...others]);
    expect(await isSignedIn(client)).toBe(false);
    await world.writeUsers([`adam:admin:${hash}`, ...others]);
    expect(await isSignedIn(client)).toBe(true);
  });

  it('lets nobody in while it cannot be read', async () => {
    const hash = await hashOfPassword();
    const client = await world.signIn('oli');
    await world.writeUsers(['oli:king:nothing']);
    expect(await isSignedIn(client)).toBe(false);
    await world.writeUsers([`ann:viewer:${hash}`, `oli:operator:${hash}`, `adam:admin:${hash}`]);
    expect(await isSignedIn(client)).toBe(true);
  });
});
