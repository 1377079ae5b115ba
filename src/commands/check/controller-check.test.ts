import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProbeCheck } from '../../adapters/telemetry/probe-check.ts';
import type { ProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { startProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { systemClock } from '../../domain/clock.ts';
import { createControllerCheck } from './controller-check.ts';

const never = new AbortController().signal;
const servers: Pick<ProbeServer, 'close'>[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function startReady(ready: readonly ProbeCheck[]): Promise<string> {
  const renderMetrics = () => Promise.resolve({ contentType: 'text/plain', text: '' });
  const server = await startProbeServer({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    live: [],
    ready,
    renderMetrics,
  });
  servers.push(server);
  return server.url;
}

async function startAnswering(status: number, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status, headers).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const ask = (url: string | null) => createControllerCheck(url).run(never);

describe('the controller', () => {
  it('is not asked where nobody says where it is', async () => {
    expect(await ask(null)).toMatchObject({ exitCode: 0, isSkipped: true, advice: 'give --controller-url' });
  });

  it('is right when it says that it is ready', async () => {
    const url = await startReady([{ name: 'database', run: () => null }]);
    expect(await ask(url)).toEqual({ exitCode: 0, found: `it is ready at ${url}` });
    expect(await ask(`${url}/`)).toMatchObject({ exitCode: 0 });
  });

  it('that is not ready tells what it lacks', async () => {
    const url = await startReady([
      { name: 'cache-jobs', run: () => 'not listed yet' },
      { name: 'cache-pods', run: () => null },
      { name: 'database', run: () => 'it does not answer' },
    ]);
    expect(await ask(url)).toMatchObject({
      exitCode: 69,
      found: `not ready at ${url}: cache-jobs failed: not listed yet, database failed: it does not answer`,
    });
  });

  it.each([404, 302, 204])('is something else where HTTP %i is answered', async (status) => {
    const url = await startAnswering(status, status === 302 ? { location: 'http://127.0.0.1/login' } : {});
    expect(await ask(url)).toMatchObject({ exitCode: 69, found: `not ready at ${url}: HTTP ${status}` });
  });

  it('that is away is said to be so, with the network’s own word', async () => {
    const url = await startAnswering(200);
    await servers.pop()?.close();
    expect(await ask(url)).toMatchObject({
      exitCode: 69,
      found: expect.stringMatching(/^no answer from http:.*ECONNREFUSED/),
    });
  });

  it('is not waited for when the program is stopped', async () => {
    const url = await startAnswering(200);
    const reason = new Error('stopped');
    await expect(createControllerCheck(url).run(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
