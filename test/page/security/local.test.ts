import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { startPageWorld } from '../../support/page-world.ts';

const world = await startPageWorld();

/** The status of a request with any Host, which fetch does not let one choose. */
function ask(host: string, path = '/no-such-page'): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: world.port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject);
    call.end();
  });
}

describe('a page without sign-in', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('answers to %s', async (name) => {
    expect(await ask(`${name}:${world.port}`)).toBe(404);
  });

  it.each([
    'evil.example',
    `evil.example:${world.port}`,
    'localhost',
    `localhost:${world.port + 1}`,
    `localhost.evil.example:${world.port}`,
    `127.0.0.1.evil.example:${world.port}`,
    `localhost:${world.port}:${world.port}`,
  ])('does not answer to Host %j, which a stranger may have made point here', async (host) => {
    expect([400, 421]).toContain(await ask(host));
    expect([400, 421]).toContain(await ask(host, '/assets/app.js'));
  });

  it('takes everybody at this computer for its admin, by the name of the one who started it', async () => {
    const { text } = await world.visit().get('/no-such-page');
    expect(text).toMatch(/who-name">tester<\/span>\s*<span class="who-role">admin/);
    expect(text).not.toContain('/sign-out');
  });

  it('takes JSON from a program without a token, but not from a browser', async () => {
    const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
    const send = (headers: Readonly<Record<string, string>>): Promise<number> =>
      world
        .visit()
        .send('/api/v1/malls', { ...init, headers: { ...init.headers, ...headers } })
        .then(({ status }) => status);
    expect(await send({})).toBe(400);
    expect(await send({ 'content-type': 'text/plain' })).toBe(403);
    expect(await send({ 'sec-fetch-site': 'same-origin' })).toBe(403);
    expect(await send({ origin: world.url })).toBe(403);
    const token = await world.visit().readToken();
    expect(await send({ origin: world.url, 'x-csrf-token': token })).toBe(400);
  });
});
