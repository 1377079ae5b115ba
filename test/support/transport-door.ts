import type { EndedRequest } from '../../src/adapters/kubernetes/transport/api-session.ts';
import type { KubeAccess } from '../../src/adapters/kubernetes/transport/kube-access.ts';
import { createKubeTransport, type KubeTransport } from '../../src/adapters/kubernetes/transport/kube-transport.ts';
import { systemClock } from '../../src/domain/clock.ts';

/** The program's transport to a real API server, with what it told its observer. */
export interface TransportDoor extends KubeTransport {
  readonly requests: EndedRequest[];
  readonly opened: { calls: number; watches: number; lease: number };
}

export function openDoor(
  access: KubeAccess,
  reload: () => Promise<KubeAccess> = () => Promise.resolve(access),
): TransportDoor {
  const requests: EndedRequest[] = [];
  const opened = { calls: 0, watches: 0, lease: 0 };
  const transport = createKubeTransport({
    access,
    reload,
    clock: systemClock,
    userAgent: 'mallsync/test',
    observer: {
      onRequest: (request) => void requests.push(request),
      onConnectionOpened: (purpose) => void (opened[purpose] += 1),
      onConnectionClosed: () => undefined,
    },
  });
  return { ...transport, requests, opened };
}
