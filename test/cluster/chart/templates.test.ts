import { describe, expect, test } from 'vitest';
import { buildJob } from '../../../src/adapters/kubernetes/job-builder.ts';
import { buildCrd } from '../../../src/adapters/kubernetes/crd-document.ts';
import type { KubeObject } from '../../support/api-server-door.ts';
import {
  listContainers,
  listPods,
  openTestHelm,
  renderSet,
  toTitle,
  VALUE_SETS,
  type RenderOptions,
} from '../../support/chart-objects.ts';
import { buildOrder, JOB_SETTINGS } from '../../support/job-orders.ts';

const helm = openTestHelm();

async function find(set: string, title: string, options: RenderOptions = {}): Promise<KubeObject> {
  return (await renderSet(helm, set, options)).find((object) => toTitle(object) === title);
}

function matches(labels: Readonly<Record<string, string>>, { matchLabels = {} }: KubeObject): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}

const WITH_TOKEN = /-(controller|nightly|reread|check|release)$/;

describe.each(VALUE_SETS)('the value set %s', (name) => {
  test('gives each pod an account that is there, and a token to those alone that ask the API server', async () => {
    const objects = await renderSet(helm, name);
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name);
    for (const { title, spec } of listPods(objects)) {
      expect(accounts, title).toContain(spec.serviceAccountName);
      expect(spec.automountServiceAccountToken, title).toBe(WITH_TOKEN.test(title));
      expect(spec.enableServiceLinks, title).toBe(false);
    }
  });

  test('closes each container’s file system, and bounds its memory where that was not taken away', async () => {
    for (const pod of listPods(await renderSet(helm, name))) {
      for (const { securityContext, resources } of listContainers(pod)) {
        expect(securityContext.readOnlyRootFilesystem, pod.title).toBe(true);
        if (name === 'minimal') continue;
        expect(resources, pod.title).toMatchObject({
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        });
      }
    }
  });

  test('lets no Job run or be tried for ever', async () => {
    const objects = await renderSet(helm, name);
    const specs = objects.flatMap(({ kind, spec }) =>
      kind === 'Job' ? [spec] : kind === 'CronJob' ? [spec.jobTemplate.spec] : [],
    );
    expect(specs.length).toBeGreaterThan(0);
    for (const spec of specs) {
      expect(spec).toMatchObject({ activeDeadlineSeconds: expect.any(Number), backoffLimit: expect.any(Number) });
      expect(spec.template.spec.restartPolicy).toBe('Never');
      const [rule] = spec.podFailurePolicy.rules;
      expect(spec.template.spec.containers.map((one: KubeObject) => one.name)).toEqual([
        rule.onExitCodes.containerName,
      ]);
    }
  });

  test('has Services, budgets and policies that find the pods and ports they mean', async () => {
    const objects = await renderSet(helm, name);
    const pods = listPods(objects);
    for (const { kind, metadata, spec } of objects) {
      if (!['Service', 'PodDisruptionBudget', 'NetworkPolicy', 'ServiceMonitor'].includes(kind)) continue;
      const isDenial = kind === 'NetworkPolicy' && spec.ingress === undefined;
      const selector = kind === 'Service' ? { matchLabels: spec.selector } : (spec.podSelector ?? spec.selector);
      const candidates = kind === 'ServiceMonitor' ? objects.filter((one) => one.kind === 'Service') : pods;
      const chosen = candidates.filter((one) => matches(one.metadata.labels, selector));
      expect(chosen, `${kind} ${metadata.name}`).toHaveLength(isDenial ? pods.length : 1);
      if (isDenial || kind === 'PodDisruptionBudget') continue;
      const wanted = (spec.ports ?? spec.endpoints ?? spec.ingress.flatMap(({ ports }: KubeObject) => ports)).map(
        (one: KubeObject) => one.targetPort ?? one.port,
      );
      const offered = kind === 'ServiceMonitor' ? chosen[0].spec.ports : chosen[0].spec.containers[0].ports;
      expect(offered.map((one: KubeObject) => one.name)).toEqual(expect.arrayContaining(wanted));
    }
  });

  test('puts no secret anywhere but into a Secret', async () => {
    const objects = await renderSet(helm, name);
    const text = JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
    expect(text).not.toMatch(/a-password-of-tests|AAAAAAAAAA|postgres:\/\//);
  });
});

test('the policies of a trial take the controller’s Jobs for what they are', async () => {
  const job: KubeObject = buildJob(buildOrder(), JOB_SETTINGS);
  const { labels } = job.spec.template.metadata;
  const objects = await renderSet(helm, 'trial');
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  const reached = policies.filter(({ spec }) =>
    spec.ingress?.some(({ from = [] }: KubeObject) =>
      from.some((peer: KubeObject) => matches(labels, peer.podSelector)),
    ),
  );
  expect(new Set(reached.map(({ metadata }) => metadata.name))).toEqual(
    new Set(['mallsync-postgres', 'mallsync-simulator']),
  );
  const onto = policies.filter(({ spec }) => matches(labels, spec.podSelector));
  expect(onto.map(({ metadata }) => metadata.name)).toEqual(['mallsync']);
});

test('metrics that are kept for some may still be read by helm test', async () => {
  const { spec } = await find('available', 'NetworkPolicy mallsync-controller');
  const check = listPods([await find('available', 'Pod mallsync-check')])[0];
  const peers: readonly KubeObject[] = spec.ingress[0].from;
  expect(
    peers.some(({ podSelector }) => podSelector !== undefined && matches(check.metadata.labels, podSelector)),
  ).toBe(true);
  expect(peers).toHaveLength(2);
});

test('the controller has longer to end than it takes to drain', async () => {
  const { spec } = await find('available', 'Deployment mallsync-controller');
  expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(40 + 10);
});

test('a night that is due in another zone, suspended or off is not watched', async () => {
  const isWatched = async (...json: readonly string[]): Promise<boolean> =>
    JSON.stringify(await find('production', 'Deployment mallsync-controller', { json })).includes('NIGHTLY_SCHEDULE');
  expect(await isWatched()).toBe(true);
  expect(await isWatched('nightly.timeZone="UTC"')).toBe(false);
  expect(await isWatched('nightly.suspend=true')).toBe(false);
  expect(await isWatched('nightly.enabled=false')).toBe(false);
});

test('two namespaces may each have a release of the same name: nothing of the cluster is theirs both', async () => {
  const [first, second] = await Promise.all(
    ['shop-a', 'shop-b'].map(async (namespace) => {
      const objects = await renderSet(helm, 'available', { namespace, json: ['crds.enabled=false'] });
      return objects.filter(({ metadata }) => metadata.namespace === undefined).map(toTitle);
    }),
  );
  expect(first).toHaveLength(4);
  expect(second?.filter((title) => first?.includes(title))).toEqual([]);
});

test('names and labels follow the overrides, and leave room for what Kubernetes adds', async () => {
  const objects = await renderSet(helm, 'minimal');
  expect(objects.every(({ metadata }) => metadata.name.startsWith('batch'))).toBe(true);
  expect(objects.every(({ metadata }) => metadata.labels['app.kubernetes.io/name'] === 'shop')).toBe(true);
  for (const release of [
    'a-release-with-a-name-of-fifty-three-letters-in-it-al',
    'mallsync-with-a-name-of-fifty-three-letters-in-it-all',
  ]) {
    const long = await renderSet(helm, 'page', { release });
    expect(long.filter(({ kind, metadata }) => kind === 'CronJob' && metadata.name.length > 52)).toEqual([]);
    expect(long.filter(({ metadata }) => metadata.name.length > 63)).toEqual([]);
  }
});

test('the CRD is the program’s own, and stays', async () => {
  const crd = await find('production', 'CustomResourceDefinition mallsyncs.mallsync.io');
  const { annotations, labels, ...metadata } = crd.metadata;
  expect({ ...crd, metadata }).toEqual(JSON.parse(JSON.stringify(buildCrd())));
  expect(annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  expect(labels).toMatchObject({ 'app.kubernetes.io/name': 'mallsync' });
  const loose = await find('production', toTitle(crd), { json: ['crds.keep=false'] });
  expect(loose.metadata.annotations).toBeUndefined();
});
