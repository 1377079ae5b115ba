import { expect, it, describe } from 'vitest';
import { PASSWORD, startPageWorld } from '../../support/page-world.ts';

const world = await startPageWorld({ users: { ann: 'viewer', oli: 'operator', adam: 'admin' } });

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
  });
});
