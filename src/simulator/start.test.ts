import { expect, it } from 'vitest';
import { startSimulator } from './start.ts';
import { openTestApp } from './test-app.ts';

it('stops at once although calls hang or wait', async () => {
  const app = await openTestApp({ behaviour: { latencyMs: 0 } });
  app.control.addFault('alpha', { endpoint: 'shops', kind: 'hang' });
  app.control.addFault('alpha', { endpoint: 'orders', kind: 'slow', latencyMs: 60_000 });
  const calls = [app.get('shops'), app.get('orders')].map((call) => expect(call).rejects.toThrow('fetch failed'));
  while (Object.keys(app.control.readStats('alpha').endpoints).length < 3) await new Promise(setImmediate);
  const startedAt = performance.now();
  await app[Symbol.asyncDispose]();
  await Promise.all(calls);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

it('refuses malls that make no sense, naming the field', async () => {
  const mall = { cafe24MallId: 'alpha', clientId: 'a', clientSecret: 'b' };
  await expect(startSimulator({ malls: [{ ...mall, membersPerDay: -1 }] })).rejects.toThrow('membersPerDay');
  await expect(startSimulator({ malls: [mall, mall] })).rejects.toThrow('mall alpha exists');
});

it('serves several malls apart, each by its own name', async () => {
  const mall = { clientId: 'a', clientSecret: 'b' };
  const simulator = await startSimulator({
    malls: ['one', 'two'].map((cafe24MallId) => ({ ...mall, cafe24MallId })),
  });
  try {
    const truths = ['one', 'two'].map((mallId) =>
      simulator.control.readTruth(mallId, {
        domainType: 'MEMBER',
        startDate: '2025-12-01T00:00:00',
        endDate: '2025-12-02T00:00:00',
      }),
    );
    const [one, two] = await Promise.all(truths);
    expect(one?.count).toBe(two?.count);
    expect(one?.checksum).not.toBe(two?.checksum);
  } finally {
    await simulator.stop();
  }
});
