import { expect, inject, onTestFinished, test } from 'vitest';
import { createEventRecorder, type LostEvent } from '../../src/adapters/kubernetes/recorder.ts';
import { loadKubeAccess } from '../../src/adapters/kubernetes/transport/load-kube-access.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { KubeObject } from '../support/api-server-door.ts';
import { createMallSyncNamespace } from '../support/mall-sync-namespace.ts';
import { DEFAULT_SPEC } from '../support/mall-sync-spec.ts';
import { openDoor } from '../support/transport-door.ts';

const NEVER = new AbortController().signal;
const here = createMallSyncNamespace('recorder');

async function aRecorder() {
  const door = openDoor(await loadKubeAccess({ ...process.env, KUBECONFIG: inject('apiServer').kubeconfig }));
  onTestFinished(() => door.close());
  const lost: LostEvent[] = [];
  const recorder = createEventRecorder({
    client: door.calls,
    clock: systemClock,
    namespace: here.name,
    instance: 'mallsync-controller-7d9f-x2',
    createSuffix: () => crypto.randomUUID().replaceAll('-', '').slice(0, 16),
    onLost: (each) => void lost.push(each),
  });
  return { recorder, lost };
}

async function createMallSync(name: string): Promise<{ readonly name: string; readonly uid: string }> {
  const kind = { apiVersion: 'mallsync.io/v1alpha1', kind: 'MallSync' };
  const { metadata } = await here.client.request('POST', here.path, {
    ...kind,
    metadata: { name },
    spec: DEFAULT_SPEC,
  });
  return { name, uid: metadata.uid };
}

/** As `kubectl describe` finds them. */
async function listAsDescribe({ name, uid }: { readonly name: string; readonly uid: string }) {
  const selector = Object.entries({ kind: 'MallSync', name, namespace: here.name, uid })
    .map(([field, value]) => `involvedObject.${field}=${value}`)
    .join(',');
  const path = `/api/v1/namespaces/${here.name}/events?fieldSelector=${encodeURIComponent(selector)}`;
  return (await here.client.request('GET', path)).items as readonly KubeObject[];
}

test('Events are found where kubectl looks for them, and count their repeats', async () => {
  const { recorder, lost } = await aRecorder();
  const mallSync = await createMallSync('night');
  const other = await createMallSync('other');
  const failed = { type: 'Warning', reason: 'MallFailed', message: 'mall 3: AuthFailed' } as const;
  recorder.record(mallSync, { type: 'Normal', reason: 'Admitted', message: '3 malls admitted' });
  recorder.record(mallSync, failed);
  recorder.record(other, { type: 'Normal', reason: 'Admitted', message: '쇼핑몰'.repeat(400) });
  await recorder.drain(NEVER);
  recorder.record(mallSync, failed);
  recorder.record(mallSync, failed);
  await recorder.drain(NEVER);
  expect(lost).toEqual([]);
  const events = await listAsDescribe(mallSync);
  expect(events.map(({ type, reason, message, series }) => [type, reason, message, series?.count ?? 1])).toEqual(
    expect.arrayContaining([
      ['Normal', 'Admitted', '3 malls admitted', 1],
      ['Warning', 'MallFailed', 'mall 3: AuthFailed', 3],
    ]),
  );
  expect(events).toHaveLength(2);
  expect(events[0]).toMatchObject({
    reportingComponent: 'mallsync.io/controller',
    reportingInstance: 'mallsync-controller-7d9f-x2',
    involvedObject: { apiVersion: 'mallsync.io/v1alpha1', kind: 'MallSync', ...mallSync },
  });
  expect(await listAsDescribe(other)).toHaveLength(1);
});

test('an Event that was deleted under its series is told anew', async () => {
  const { recorder, lost } = await aRecorder();
  const mallSync = await createMallSync('expired');
  const notice = { type: 'Normal', reason: 'Suspended', message: 'suspended' } as const;
  recorder.record(mallSync, notice);
  await recorder.drain(NEVER);
  const [first] = await listAsDescribe(mallSync);
  await here.client.request('DELETE', `/apis/events.k8s.io/v1/namespaces/${here.name}/events/${first.metadata.name}`);
  recorder.record(mallSync, notice);
  await recorder.drain(NEVER);
  expect((await listAsDescribe(mallSync)).map(({ series }) => series.count)).toEqual([2]);
  expect(lost).toEqual([]);
});
