export const GROUP = 'mallsync.io';
export const VERSION = 'v1alpha1';
export const FIELD_MANAGER = 'mallsync-controller';
export const OUTCOME_FINALIZER = `${GROUP}/outcome`;

const NAMESPACED = {
  mallsyncs: `/apis/${GROUP}/${VERSION}`,
  jobs: '/apis/batch/v1',
  pods: '/api/v1',
  leases: '/apis/coordination.k8s.io/v1',
  events: '/apis/events.k8s.io/v1',
} as const;

/** The path of a collection or of one object in it. */
export function toResourcePath(
  resource: keyof typeof NAMESPACED,
  namespace: string,
  ...rest: readonly string[]
): string {
  return [NAMESPACED[resource], 'namespaces', namespace, resource, ...rest].join('/');
}
