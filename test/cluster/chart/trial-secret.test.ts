import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parseObjects } from '../../support/chart-objects.ts';
import { openApiServer } from '../../support/api-server-client.ts';
import type { KubeObject } from '../../support/api-server-door.ts';
import { openTestHelm } from '../../support/chart-objects.ts';

const { kubeconfig } = inject('apiServer');
const helm = openTestHelm({ KUBECONFIG: kubeconfig });
const client = openApiServer(kubeconfig);
const namespace = `trial-${crypto.randomUUID().slice(0, 8)}`;
const SECRET = `/api/v1/namespaces/${namespace}/secrets/mallsync`;

beforeAll(async () => {
  await client.request('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
});

afterAll(async () => {
  await client.request('DELETE', `/api/v1/namespaces/${namespace}`);
  await client.close();
});

async function render(...values: readonly string[]): Promise<KubeObject> {
  const set = ['trial.enabled=true', ...values].flatMap((value) => ['--set', value]);
  const text = await helm.template({ namespace, args: ['--dry-run=server', ...set] });
  return parseObjects(text).find(({ kind }) => kind === 'Secret');
}

function decode({ data }: KubeObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString()]),
  );
}

test('a trial makes its secrets once, finds them again, and hands out others only when told', async () => {
  const first = await render();
  expect((await render()).stringData).not.toEqual(first.stringData);
  expect(first.stringData['encryption-keys']).toMatch(/^trial:[A-Za-z0-9+/]{43}=$/);
  expect(first.stringData['database-url']).toContain(
    `:${first.stringData['database-password']}@mallsync-postgres:5432/`,
  );
  await client.request('POST', SECRET.replace(/\/mallsync$/, ''), first);
  expect((await render()).stringData).toEqual(decode(await client.request('GET', SECRET)));
  const told = await render('trial.databasePassword=told');
  expect(told.stringData).toMatchObject({
    'database-password': 'told',
    'encryption-keys': first.stringData['encryption-keys'],
  });
});

test('a release is installed, upgraded and taken away; the Secret stays and is found by the next', async () => {
  const args = ['--namespace', namespace, '--set', 'trial.enabled=true,crds.enabled=false'];
  const chart = new URL('../../../charts/mallsync', import.meta.url).pathname;
  const said: string[] = [];
  const run = async (...line: readonly string[]): Promise<void> => {
    const { exitCode, stdout, stderr } = await helm.run(...line);
    said.push(stdout);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  };
  await client.request('DELETE', SECRET);
  await run('install', 'mallsync', chart, ...args);
  const { data } = await client.request('GET', SECRET);
  await run('upgrade', 'mallsync', chart, ...args, '--set', 'trial.malls=13');
  // the hook is a Job, which nobody runs here
  await run('uninstall', 'mallsync', '--namespace', namespace, '--no-hooks');
  expect((await client.request('GET', SECRET)).data).toEqual(data);
  await run('install', 'mallsync', chart, ...args);
  expect((await client.request('GET', SECRET)).data).toEqual(data);
  expect(said[0]).toMatch(/helm test mallsync[^]*kubectl create job[^]*kubectl get mallsyncs/);
  await run('uninstall', 'mallsync', '--namespace', namespace, '--no-hooks');
});
