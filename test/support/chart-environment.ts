import type { KubeObject } from './api-server-door.ts';

/** What stands in the Secrets, for whoever reads the variables of a rendered container. */
const SECRETS: Readonly<Record<string, string>> = {
  MALLSYNC_DATABASE_URL: 'postgres://mallsync:secret@127.0.0.1:1/mallsync',
  MALLSYNC_DATABASE_DIRECT_URL: 'postgres://mallsync:secret@127.0.0.1:2/mallsync',
  MALLSYNC_ENCRYPTION_KEYS: `k1:${'A'.repeat(43)}=`,
};

const FIELDS: Readonly<Record<string, string>> = {
  'metadata.namespace': 'shop-data',
  'metadata.name': 'a-pod',
  "metadata.labels['batch.kubernetes.io/job-name']": 'mallsync-nightly-29420640',
};

/** The variables of a container as its process sees them. */
export function toPlainEnvironment({ env }: KubeObject): Record<string, string> {
  return Object.fromEntries(
    (env as readonly KubeObject[]).map(({ name, value, valueFrom }) => {
      const text = value ?? SECRETS[name] ?? FIELDS[valueFrom?.fieldRef?.fieldPath];
      if (text === undefined) throw new Error(`nobody knows the value of ${name}`);
      return [name, text];
    }),
  );
}
