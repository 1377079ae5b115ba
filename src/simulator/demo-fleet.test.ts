import { expect, it } from 'vitest';
import { buildDemoFleet, DEMO_MALLS, toImportFile } from './demo-fleet.ts';
import { startSimulator } from './start.ts';
import { fetchAnswer } from './test-app.ts';

it('holds at least twelve malls, one for each trouble', () => {
  const fleet = buildDemoFleet(1);
  expect(fleet.length).toBeGreaterThanOrEqual(12);
  expect(fleet.filter(({ active }) => active === false)).toHaveLength(1);
  expect(fleet.filter(({ consent }) => consent === 'lost')).toHaveLength(1);
  expect(fleet.filter(({ shops }) => shops?.length === 3)).toHaveLength(1);
  expect(fleet.filter(({ poison }) => poison !== undefined)).toHaveLength(1);
  expect(fleet.filter(({ faults }) => faults !== undefined)).toHaveLength(1);
  expect(fleet.filter(({ behaviour }) => behaviour?.statisticsApproved === false)).toHaveLength(1);
});

it('has an import list whose credentials work on every mall but the lost one', async () => {
  const fleet = buildDemoFleet(3);
  const simulator = await startSimulator({ malls: fleet, seed: 3 });
  try {
    const statuses = toImportFile(fleet).map(async ({ cafe24MallId, clientId, clientSecret, refreshToken }) => {
      const { status } = await fetchAnswer(
        `${simulator.cafe24Url.replace('{mall_id}', cafe24MallId)}/api/v2/oauth/token`,
        {
          method: 'POST',
          headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
          body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
        },
      );
      return [cafe24MallId, status];
    });
    const refused = (await Promise.all(statuses)).filter(([, status]) => status !== 200);
    expect(refused).toEqual([['sample-lost', 400]]);
  } finally {
    await simulator.stop();
  }
});

it('numbers the malls from one and leaves their shops to be asked for', () => {
  const list = toImportFile(buildDemoFleet(1));
  expect(list.map(({ mallId }) => mallId)).toEqual(list.map((_, index) => index + 1));
  expect(list[0]).toMatchObject({ shopNos: null, domainTypes: ['MEMBER', 'ORDER', 'SALES'], active: true });
});

it('begins with the same malls however many there are, and goes on with healthy ones of their own', () => {
  const demo = buildDemoFleet(1);
  expect(demo).toHaveLength(DEMO_MALLS);
  expect(buildDemoFleet(1, 3)).toEqual(demo.slice(0, 3));
  const fleet = buildDemoFleet(1, 21);
  expect(fleet.slice(0, DEMO_MALLS)).toEqual(demo);
  const further = fleet.slice(DEMO_MALLS);
  expect(further.map(({ cafe24MallId }) => cafe24MallId)).toEqual(
    Array.from({ length: 8 }, (_, index) => `sample-shop-${index + 14}`),
  );
  expect(fleet.filter(({ active }) => active !== false)).toHaveLength(20);
  expect(new Set(fleet.flatMap(({ clientSecret, refreshToken }) => [clientSecret, refreshToken])).size).toBe(42);
  for (const mall of further) expect(mall).not.toHaveProperty('faults');
});
