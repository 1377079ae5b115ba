import { installRelease, openRelease, RELEASE, type ChartValues, type Mallsync } from './e2e-install.ts';
import type { E2eNamespace } from './e2e-namespace.ts';

const SECRET = 'production';
const RESOURCES = { requests: { cpu: '1m', memory: '32Mi' } };

/** Of a trial that lends its database, its malls and its simulator, and does nothing by itself. */
export const LENDING_VALUES: ChartValues = {
  nightly: { enabled: false },
  prune: { enabled: false },
  // as an outside database would be, it is reached from another namespace
  networkPolicy: { enabled: false },
};

/**
 * A release as in production, on a trial's database with the trial's malls and keys: an upgrade or an uninstall of it
 * touches neither database nor API. `install` may be called again.
 */
export async function prepareProduction(
  namespace: E2eNamespace,
  trial: E2eNamespace,
  mallsync: Mallsync,
  values: ChartValues,
): Promise<{ install(): Promise<Mallsync> }> {
  const { data } = await trial.kubectlJson<{ readonly data: Readonly<Record<string, string>> }>([
    'get',
    'secret',
    RELEASE,
  ]);
  const read = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  const url = new URL(read('database-url'));
  url.host = `${RELEASE}-postgres.${trial.namespace}.svc:5432`;
  const stringData = { 'database-url': url.href, 'encryption-keys': read('encryption-keys') };
  await namespace.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET }, stringData });
  const own: ChartValues = {
    ...values,
    database: { existingSecret: SECRET },
    encryption: { existingSecret: SECRET },
    cafe24: { url: `http://${RELEASE}-simulator.${trial.namespace}.svc:18080/{mall_id}` },
  };
  return {
    async install() {
      await installRelease(namespace, { values: own });
      return { ...mallsync, ...(await openRelease(namespace)) };
    },
  };
}

/** Values of such a release, with requests that leave the node to all. */
export const PRODUCTION_VALUES: ChartValues = {
  controller: { jobLimit: 30, resources: RESOURCES },
  jobs: { resources: RESOURCES, succeededTtlSeconds: 3_600 },
  nightly: { pageSize: 20, catchUpDays: 0, resources: RESOURCES },
  leaseSeconds: 10,
};
