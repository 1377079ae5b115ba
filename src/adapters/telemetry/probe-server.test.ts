import { afterEach, describe, expect, it } from 'vitest';
import { createSteppedClock } from '../../../test/support/stepped-clock.ts';
import type { ProbeCheck } from './probe-check.ts';
import { startProbeServer, type ProbeOptions, type ProbeServer } from './probe-server.ts';

const servers: ProbeServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const clock = createSteppedClock();
const healthy: ProbeCheck = { name: 'healthy', run: () => null };
const sick: ProbeCheck = { name: 'sick', run: () => Promise.resolve('it has a cold') };
const secret = new Error('password s3cret is wrong');
const broken: ProbeCheck = { name: 'broken', run: () => Promise.reject(secret) };
const throwing: ProbeCheck = {
  name: 'throwing',
  run() {
    throw secret;
  },
};

async function ask(path: string, options: Partial<ProbeOptions> = {}): Promise<readonly [number, string]> {
  const server = await startProbeServer({
    host: '127.0.0.1',
    port: 0,
    clock,
    live: [],
    ready: [],
    renderMetrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }),
    ...options,
  });
  servers.push(server);
  const response = await fetch(server.url + path);
  return [response.status, await response.text()];
}

describe('startProbeServer', () => {
  it('answers shortly while all checks pass', async () => {
    expect(await ask('/livez')).toEqual([200, 'ok\n']);
    expect(await ask('/readyz', { ready: [healthy], live: [sick] })).toEqual([200, 'ok\n']);
  });

  it('lists each check when asked to', async () => {
    expect(await ask('/readyz?verbose', { ready: [healthy, { ...healthy, name: 'other' }] })).toEqual([
      200,
      '[+]healthy ok\n[+]other ok\nreadyz check passed\n',
    ]);
  });

  it('lists them unasked when one fails, and tells nobody what was thrown', async () => {
    expect(await ask('/livez', { live: [healthy, sick, broken, throwing] })).toEqual([
      503,
      [
        '[+]healthy ok',
        '[-]sick failed: it has a cold',
        '[-]broken failed: reason withheld',
        '[-]throwing failed: reason withheld',
        'livez check failed\n',
      ].join('\n'),
    ]);
  });

  it('does not wait for ever for a check that hangs, and cuts it short', async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const hanging: ProbeCheck = {
      name: 'hanging',
      run(signal) {
        asked.resolve(signal);
        return new Promise<never>(() => undefined);
      },
    };
    const answer = ask('/readyz', { ready: [hanging, healthy] });
    const signal = await asked.promise;
    await clock.advance(3_000);
    const [status, text] = await answer;
    expect(status).toBe(503);
    expect(text).toContain('[-]hanging failed: no answer within');
    expect(text).toContain('[+]healthy ok');
    expect(signal.aborted).toBe(true);
  });

  it('hands out the metrics, and says so when it cannot', async () => {
    expect(await ask('/metrics')).toEqual([200, 'up 1\n']);
    const renderMetrics = () => Promise.reject(new Error('s3cret'));
    expect(await ask('/metrics', { renderMetrics })).toEqual([503, 'not available\n']);
    expect(await ask('/other')).toEqual([404, 'not found\n']);
  });
});
