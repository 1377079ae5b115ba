import { expect, inject, test } from 'vitest';
import { useNamespace } from '../support/e2e-namespace.ts';

const namespace = await useNamespace('ground');

const SAFE = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'simulator' },
  spec: { selector: { app: 'simulator' }, ports: [{ port: 80, targetPort: 18_080 }] },
};

function buildPod(name: string, securityContext: object): object {
  const simulator = {
    name: 'simulator',
    image: inject('e2e').image,
    args: ['simulator', '--host', '0.0.0.0', '--malls', '1'],
    readinessProbe: { httpGet: { path: '/healthz', port: 18_080 }, periodSeconds: 1 },
    securityContext,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'simulator' } },
    spec: { automountServiceAccountToken: false, containers: [simulator] },
  };
}

function untilReady(pod: string): Promise<string> {
  return namespace.kubectl(['wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=120s']);
}

test('a pod that does not meet Pod Security "restricted" is refused', async () => {
  const refused = namespace.apply(buildPod('loose', { ...SAFE, allowPrivilegeEscalation: true }));
  await expect(refused).rejects.toThrow('violates PodSecurity "restricted');
});

test('the image runs in a pod that meets it, and is reached here, also when another pod takes its place', async () => {
  await namespace.apply([SERVICE, buildPod('first', SAFE)]);
  await untilReady('first');
  const { port } = await namespace.forward('service/simulator', 80);
  const ask = async (): Promise<number | undefined> =>
    await fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ status }) => status,
      () => undefined,
    );
  expect(await ask()).toBe(200);
  await namespace.kubectl(['delete', 'pod', 'first']);
  await namespace.apply(buildPod('second', SAFE));
  await untilReady('second');
  expect(await namespace.waitFor('the simulator of the second pod', ask)).toBe(200);
});

test('what is waited for in vain is explained by the namespace', async () => {
  const waiting = namespace.waitFor('a third pod', () => namespace.kubectl(['get', 'pod', 'third']), 1);
  await expect(waiting).rejects.toThrow(
    /waited in vain for a third pod\n[^]*"third" not found[^]*--- pods\n[^]*second /,
  );
});
