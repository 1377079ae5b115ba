import { describe, expect, it } from 'vitest';
import { type Script } from '../../../../test/support/scripted-server.ts';
import { answer, failureOf, ok, startTransport as start, toAccess } from '../../../../test/support/transport-world.ts';
import type { KubeAccess } from './kube-access.ts';
import type { KubeCall } from './kube-client.ts';

const CREATE: KubeCall = { verb: 'create', path: '/api/v1/things', body: { name: 'one' } };

/** Real sockets on a machine that may be busy. */
const PATIENCE = { timeout: 30_000 };

describe('credentials that the server refuses', PATIENCE, () => {
  const needsToken =
    (token: string): Script =>
    (request, response, index) =>
      (request.headers['authorization'] === `Bearer ${token}` ? ok : answer(401, { reason: 'Unauthorized' }))(
        request,
        response,
        index,
      );
  const renewed = (token: string): Partial<KubeAccess> => ({ bearerToken: { kind: 'text', text: token } });

  it('are renewed once, and the call sent again', async () => {
    let reloads = 0;
    const reload = (): Promise<KubeAccess> => {
      reloads += 1;
      return Promise.resolve(toAccess('https://unused', renewed('new')));
    };
    const { server, call } = await start(needsToken('new'), { access: { isRenewable: true }, reload });
    await Promise.all([call(CREATE), call(CREATE), call(CREATE)]);
    await call();
    expect(reloads).toBe(1);
    expect(server.requests.at(-1)?.headers['authorization']).toBe('Bearer new');
  });

  it('are not renewed a second time for one call', async () => {
    const reload = (): Promise<KubeAccess> => Promise.resolve(toAccess('https://unused', renewed('also wrong')));
    const { server, call } = await start(needsToken('right'), { access: { isRenewable: true }, reload });
    expect(await failureOf(call())).toMatchObject({ kind: 'unauthorized', status: 401 });
    expect(server.requests).toHaveLength(2);
  });

  it('that cannot be renewed are told on', async () => {
    const { server, call } = await start(needsToken('right'));
    expect(await failureOf(call())).toMatchObject({ kind: 'unauthorized' });
    expect(server.requests).toHaveLength(1);
  });
});
