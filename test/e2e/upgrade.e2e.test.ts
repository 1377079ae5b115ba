import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildImageValues, installMallsync, mergeValues, RELEASE } from '../support/e2e-install.ts';
import { useNamespace } from '../support/e2e-namespace.ts';
import { buildNextVersion, NEXT_FIELD, type NextVersion } from '../support/e2e-next-version.ts';
import { expectGoodNights, expectMetricsOfLedger } from '../support/e2e-night-proof.ts';
import { holdNight, letGo, NIGHT_VALUES, toNight, watchNights, type Night } from '../support/e2e-night.ts';
import { LENDING_VALUES, prepareProduction, PRODUCTION_VALUES } from '../support/e2e-production.ts';

const { image, lab } = inject('e2e');
const world = await useNamespace('upgrade-world');
const namespace = await useNamespace('upgrade');
const trial = await installMallsync(world, { values: mergeValues(NIGHT_VALUES, LENDING_VALUES) });
await watchNights(trial);
afterEach(() => letGo(trial));
const mallsync = await (await prepareProduction(namespace, world, trial, PRODUCTION_VALUES)).install();
const nights: Night[] = [];
afterAll(() => trial.stop());

interface PodList {
  readonly items: readonly {
    readonly spec: { readonly containers: readonly { readonly image: string }[] };
    readonly status: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  }[];
}

/** Of the controllers there are: what they are made of, and how often one of their containers began again. */
async function listControllers(): Promise<readonly { image: string | undefined; restarts: number | undefined }[]> {
  const selector = 'app.kubernetes.io/component=controller';
  const { items } = await namespace.kubectlJson<PodList>(['get', 'pods', '--selector', selector]);
  return items.map(({ spec, status }) => ({
    image: spec.containers[0]?.image,
    restarts: status.containerStatuses?.[0]?.restartCount,
  }));
}

async function listMigrations(): Promise<readonly string[]> {
  const rows = await mallsync.query<{ name: string }>('select name from mallsync.tb_schema_migration order by number');
  return rows.map(({ name }) => name);
}

/** By kubectl itself, or by the API server. */
const UNKNOWN = new RegExp(`unknown field "(spec\\.)?${NEXT_FIELD}"`);

const noted = {
  apiVersion: 'mallsync.io/v1alpha1',
  kind: 'MallSync',
  metadata: { name: 'noted' },
  spec: {
    domainType: 'MEMBER',
    startDate: '2025-12-01T00:00:00',
    endDate: '2025-12-02T00:00:00',
    mallIds: [1],
    suspend: true,
    [NEXT_FIELD]: 'first of all',
  },
};

// only the lab's node can be given an image that nobody has yet
describe.runIf(lab !== null)('the next version', () => {
  let next: NextVersion;
  beforeAll(async () => {
    if (lab !== null) next = await buildNextVersion(image, lab);
  });
  afterAll(() => next.remove());

  test('takes over in the middle of a night', async () => {
    nights.push(toNight(2));
    await holdNight(namespace, mallsync, toNight(2));
    await expect(namespace.apply(noted)).rejects.toThrow(UNKNOWN);
    await mallsync.upgrade({ chart: next.chart, values: buildImageValues(next.image) });
    await letGo(mallsync);
    await expectGoodNights(namespace, mallsync, nights);
    await expectMetricsOfLedger(mallsync, await mallsync.readMetrics());
    expect(await listControllers()).toEqual([{ image: next.image, restarts: 0 }]);
    expect(await listMigrations()).toContain(next.migration);
  });

  test('brings the new CRD', async () => {
    await namespace.apply(noted);
    expect(await namespace.kubectlJson(['get', 'mallsync', 'noted'])).toMatchObject({ spec: noted.spec });
    await namespace.kubectl(['delete', 'mallsync', 'noted']);
  });

  test('gives way to this one in the middle of a night, which works on the newer database', async () => {
    nights.push(toNight(1));
    await holdNight(namespace, mallsync, toNight(1));
    await namespace.helm(['rollback', RELEASE, '--wait', '--timeout', '3m']);
    await letGo(mallsync);
    await expectGoodNights(namespace, mallsync, nights);
    await expectMetricsOfLedger(mallsync, await mallsync.readMetrics());
    expect(await listControllers()).toEqual([{ image, restarts: 0 }]);
    expect(await listMigrations()).toContain(next.migration);
    await expect(namespace.apply(noted)).rejects.toThrow(UNKNOWN);
  });
});
