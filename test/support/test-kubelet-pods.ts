import type { KubeObject } from './api-server-door.ts';

/** What a pod shows. */
export type PodScene =
  | { readonly kind: 'running' }
  | { readonly kind: 'unschedulable' }
  | { readonly kind: 'image-pull' }
  | { readonly kind: 'out-of-memory' }
  | { readonly kind: 'evicted' }
  | { readonly kind: 'exited'; readonly exitCode: number; readonly message?: string };

/** The pod that the Job controller would make. */
export function buildPod(job: KubeObject, serial: number): KubeObject {
  const { name, uid, namespace } = job.metadata;
  const { metadata, spec } = job.spec.template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: `${name}-${serial}`,
      namespace,
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    spec,
  };
}

/** What the kubelet or the scheduler would write of it. */
export function buildPodStatus(pod: KubeObject, scene: PodScene): object {
  const startTime = toTime(Date.now());
  const condition = (type: string, status: string, reason: string, message: string): object => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: startTime,
  });
  const containers = (state: object): object => ({
    containerStatuses: pod.spec.containers.map(({ name, image }: KubeObject) => ({
      name,
      image,
      imageID: '',
      ready: false,
      restartCount: 0,
      state,
    })),
  });
  switch (scene.kind) {
    case 'running':
      return { phase: 'Running', startTime, ...containers({ running: { startedAt: startTime } }) };
    case 'unschedulable':
      return {
        phase: 'Pending',
        conditions: [condition('PodScheduled', 'False', 'Unschedulable', '0/3 nodes are available')],
      };
    case 'image-pull':
      return {
        phase: 'Pending',
        startTime,
        ...containers({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } }),
      };
    case 'out-of-memory':
      return { phase: 'Failed', startTime, ...containers({ terminated: { exitCode: 137, reason: 'OOMKilled' } }) };
    case 'evicted':
      return {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: memory',
        startTime,
        conditions: [condition('DisruptionTarget', 'True', 'TerminationByKubelet', 'The node was low on memory')],
      };
    case 'exited':
      return {
        phase: scene.exitCode === 0 ? 'Succeeded' : 'Failed',
        startTime,
        ...containers({ terminated: { exitCode: scene.exitCode, reason: 'Error', message: scene.message ?? '' } }),
      };
    default:
      throw new Error('there is no such scene');
  }
}

/** RFC 3339 in whole seconds, as the API server keeps times. */
export function toTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
