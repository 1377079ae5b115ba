import type { E2eNamespace } from './e2e-namespace.ts';

const DAY = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-02T00:00:00' } as const;

/** As the controller names the Job of a first attempt at that day. */
export function toJobNameOfDay(domain: string, mallId: number): string {
  return `ms-${domain}-${mallId}-20251201t000000-20251202t000000-1`;
}

/** Members of one mall and day, if the spec does not say something else. */
export async function applyMallSync(
  namespace: E2eNamespace,
  name: string,
  spec: Readonly<Record<string, unknown>>,
): Promise<void> {
  await namespace.apply({
    apiVersion: 'mallsync.io/v1alpha1',
    kind: 'MallSync',
    metadata: { name },
    spec: { domainType: 'MEMBER', ...DAY, pageSize: 50, ...spec },
  });
}

export async function patchMallSync(namespace: E2eNamespace, name: string, spec: object): Promise<void> {
  await namespace.kubectl(['patch', 'mallsync', name, '--type', 'merge', '--patch', JSON.stringify({ spec })]);
}

interface MallSyncSeen {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly reason: string }[];
    readonly malls?: Readonly<Record<string, number>>;
  };
}

/** Waits for the reason of its condition Progressing. */
export async function awaitProgress(namespace: E2eNamespace, name: string, reason: RegExp): Promise<void> {
  await namespace.waitFor(`${name} to be ${reason}`, async () => {
    const { status } = await namespace.kubectlJson<MallSyncSeen>(['get', 'mallsync', name]);
    return reason.test(status?.conditions?.find(({ type }) => type === 'Progressing')?.reason ?? '');
  });
}

/** Waits until one of its malls has its Job. */
export async function awaitActive(namespace: E2eNamespace, name: string): Promise<void> {
  await namespace.waitFor(`${name} to run`, async () => {
    const { status } = await namespace.kubectlJson<MallSyncSeen>(['get', 'mallsync', name]);
    return (status?.malls?.['active'] ?? 0) > 0;
  });
}

export async function awaitGone(namespace: E2eNamespace, object: string): Promise<void> {
  await namespace.waitFor(`${object} to be gone`, async () => {
    return (await namespace.kubectl(['get', object, '--ignore-not-found'])) === '';
  });
}
