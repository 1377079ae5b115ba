import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/domain/clock.ts';
import { requestTokens } from '../../../src/adapters/cafe24/token-call.ts';
import type { TokenAnswer } from '../../../src/adapters/cafe24/token-call.ts';
import { createTransport } from '../../../src/adapters/cafe24/transport.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse('2025-12-01T03:00:00Z');
const PAIR = { access_token: 'a', refresh_token: 'r' };

interface Asked {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

async function request(status: number, body: unknown): Promise<{ answer: TokenAnswer; asked: Asked }> {
  let asked: Asked = { headers: {}, body: '' };
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      asked = { headers: incoming.headers, body: Buffer.concat(chunks).toString() };
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = createTransport(systemClock);
  onTestFinished(async () => {
    await transport.close();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const answer = await requestTokens(
    {
      transport,
      clock: { ...systemClock, nowMs: () => NOW_MS },
      meter: { addCall: () => undefined },
      mallUrl: { origin: `http://127.0.0.1:${port}`, prefix: '' },
    },
    { clientId: 'id', clientSecret: 's:cret' },
    { grant_type: 'refresh_token', refresh_token: 'a+b/c=' },
  );
  return { answer, asked };
}

it('identifies the client by Basic and sends an encoded form', async () => {
  const { asked } = await request(200, PAIR);
  expect(asked.headers).toMatchObject({
    authorization: `Basic ${Buffer.from('id:s:cret').toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  });
  expect(asked.body).toBe('grant_type=refresh_token&refresh_token=a%2Bb%2Fc%3D');
});

it.each([
  {
    case: 'a lifetime, whatever clock and zone the server has',
    times: { issued_at: '2031-05-05T01:00:00.000', expires_at: '2031-05-05T03:00:00.000' },
    accessExpiresAtMs: NOW_MS + 2 * HOUR_MS,
  },
  {
    case: 'Korean time when the time of issue is missing',
    times: { expires_at: '2025-12-01T14:00:00.000' },
    accessExpiresAtMs: Date.parse('2025-12-01T05:00:00Z'),
  },
  {
    case: 'a time with its own offset',
    times: { expires_at: '2025-12-01T05:00:00.000Z' },
    accessExpiresAtMs: Date.parse('2025-12-01T05:00:00Z'),
  },
  { case: 'the documented lifetime when it says nothing', times: {}, accessExpiresAtMs: NOW_MS + 2 * HOUR_MS },
  {
    case: 'the documented lifetime when it says nonsense',
    times: { expires_at: 17, issued_at: null, scopes: 'mall.read_order' },
    accessExpiresAtMs: NOW_MS + 2 * HOUR_MS,
  },
])('reads $case', async ({ times, accessExpiresAtMs }) => {
  const { answer } = await request(200, { ...PAIR, ...times });
  expect(answer).toMatchObject({
    kind: 'issued',
    pair: { accessToken: 'a', refreshToken: 'r', accessExpiresAtMs, refreshExpiresAtMs: NOW_MS + 14 * 24 * HOUR_MS },
  });
});

it.each([
  [400, { error: 'invalid_grant', error_description: 'Invalid refresh_token.' }, { kind: 'invalid-grant' }],
  [400, { error: 'invalid_request', error_description: 'This is an uninstalled app.' }, { kind: 'uninstalled' }],
  [403, { error: 'uninstalled_app' }, { kind: 'uninstalled' }],
  [429, '', { kind: 'limited', waitMs: 600_000 }],
])('tells apart: %i %j', async (status, body, expected) => {
  expect((await request(status, body)).answer).toEqual(expected);
});

it.each([
  [401, { error: 'invalid_client' }, 'AuthFailed', false],
  [400, { error: 'unsupported_grant_type' }, 'UpstreamContract', false],
  [200, { access_token: 'a' }, 'UpstreamContract', false],
  [200, '{"access_token":"a","refr', 'UpstreamUnavailable', true],
  [503, 'maintenance', 'UpstreamUnavailable', true],
])('fails: %i %j', async (status, body, reason, isTransient) => {
  await expect(request(status, body)).rejects.toMatchObject({ reason, isTransient });
});
