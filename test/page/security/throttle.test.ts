import { describe, expect, it } from 'vitest';
import { PASSWORD, startPageWorld, type PageAnswer, type PageWorld } from '../../support/page-world.ts';

const USERS = { ann: 'viewer', oli: 'operator' } as const;

function toBasic(name: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

async function tryPassword(world: PageWorld, name: string, password: string): Promise<PageAnswer> {
  return await world.visit().post('/sign-in', { name, password, csrf: '' });
}

describe('guessing passwords', () => {
  it('ends after five tries for one name, also for the right password and in other letters', async () => {
    const world = await startPageWorld({ users: USERS });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await tryPassword(world, i % 2 === 0 ? 'ann' : 'ANN', 'wrong')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const refused = await tryPassword(world, 'ann', PASSWORD);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(600);
    expect((await tryPassword(world, 'oli', PASSWORD)).status).toBe(303);
  });

  it('is no easier at the API, and counts together with the form', async () => {
    const world = await startPageWorld({ users: USERS });
    const ask = (password: string): Promise<PageAnswer> => world.visit().get('/api/v1/malls', toBasic('ann', password));
    const statuses = [(await ask('wrong')).status, (await ask('wrong')).status];
    for (let i = 0; i < 3; i++) statuses.push((await tryPassword(world, 'ann', 'wrong')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    expect((await ask(PASSWORD)).status).toBe(429);
  });
});

describe('a password with the API', () => {
  it('needs no token to act, is asked for without a challenge, and is nothing to the pages', async () => {
    const world = await startPageWorld({ users: { ann: 'viewer', adam: 'admin' } });
    const visitor = world.visit();
    expect((await visitor.get('/api/v1/malls', toBasic('ann', PASSWORD))).status).toBe(200);
    const headers = { ...toBasic('adam', PASSWORD), 'content-type': 'application/json' };
    const act = { method: 'POST', headers, body: '{}' };
    expect((await visitor.send('/api/v1/malls', act)).status).toBe(400);
    expect(
      (await visitor.send('/api/v1/malls', { ...act, headers: { ...headers, ...toBasic('ann', PASSWORD) } })).status,
    ).toBe(403);
    const refused = await visitor.get('/api/v1/malls', toBasic('ann', 'wrong'));
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBeNull();
    expect((await visitor.get('/malls', toBasic('ann', PASSWORD))).status).toBe(303);
  });

  it('that was right a moment ago is no longer when the user is gone', async () => {
    const world = await startPageWorld({ users: { ann: 'viewer' } });
    const visitor = world.visit();
    expect((await visitor.get('/api/v1/malls', toBasic('ann', PASSWORD))).status).toBe(200);
    await world.writeUsers([]);
    expect((await visitor.get('/api/v1/malls', toBasic('ann', PASSWORD))).status).toBe(401);
  });
});
