import { setTimeout as sleep } from 'node:timers/promises';
import { ApiServerError } from './api-server-client.ts';
import type { ApiServerClient } from './api-server-door.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = 'monitoring.coreos.com';
const KINDS = ['ServiceMonitor', 'PrometheusRule'];
const POLL_MS = 50;

/** Definitions that take anything: name and kind of the Prometheus operator's objects are checked, their fields are not. */
export async function applyMonitoringStubs(client: ApiServerClient): Promise<void> {
  for (const kind of KINDS) {
    const singular = kind.toLowerCase();
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const definition = {
      metadata: { name: `${singular}s.${GROUP}` },
      spec: {
        group: GROUP,
        scope: 'Namespaced',
        names: { kind, plural: `${singular}s`, singular },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    };
    await client.request('POST', DEFINITIONS, definition).catch((error: unknown) => {
      if (!(error instanceof ApiServerError) || error.reason !== 'AlreadyExists') throw error;
    });
  }
  while (!(await isServed(client))) await sleep(POLL_MS);
}

async function isServed(client: ApiServerClient): Promise<boolean> {
  const found = await client.request('GET', `/apis/${GROUP}/v1`).catch((error: unknown) => {
    if (error instanceof ApiServerError && error.status === 404) return { resources: [] };
    throw error;
  });
  const kinds = found.resources.map(({ kind }: { readonly kind: string }) => kind);
  return KINDS.every((kind) => kinds.includes(kind));
}
