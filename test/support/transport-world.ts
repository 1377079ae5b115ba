import { onTestFinished } from 'vitest';
import { ClusterError } from '../../src/controller/cluster-error.ts';
import type { EndedRequest } from '../../src/adapters/kubernetes/transport/api-session.ts';
import type { KubeAccess } from '../../src/adapters/kubernetes/transport/kube-access.ts';
import type { KubeCall } from '../../src/adapters/kubernetes/transport/kube-client.ts';
import { createKubeTransport, type KubeTransport } from '../../src/adapters/kubernetes/transport/kube-transport.ts';
import { startScriptedServer } from './scripted-server.ts';
import type { Script, ScriptedServer, ScriptedServerOptions } from './scripted-server.ts';
import { createSteppedClock, type SteppedClock } from './stepped-clock.ts';
import { TEST_CERTIFICATE } from './test-certificates.ts';

export const NEVER = new AbortController().signal;
const GET: KubeCall = { verb: 'get', path: '/api/v1/things/one' };

/** A transport with a clock that a test moves, and the server that it speaks to. */
export interface TransportWorld {
  readonly server: ScriptedServer;
  readonly transport: KubeTransport;
  readonly clock: SteppedClock;
  readonly seen: EndedRequest[];
  readonly open: { calls: number; watches: number; lease: number };
  readonly call: (call?: Partial<KubeCall>, signal?: AbortSignal) => Promise<unknown>;
}

export interface TransportWorldOptions extends Partial<ScriptedServerOptions> {
  readonly access?: Partial<KubeAccess>;
  readonly reload?: () => Promise<KubeAccess>;
  readonly maxConcurrentCalls?: number;
}

export function toAccess(server: string, access: Partial<KubeAccess> = {}): KubeAccess {
  return {
    server,
    namespace: null,
    certificateAuthority: { kind: 'text', text: TEST_CERTIFICATE.cert },
    clientCertificate: null,
    clientKey: null,
    bearerToken: { kind: 'text', text: 'secret' },
    headers: {},
    serverName: null,
    skipTlsVerify: false,
    isRenewable: false,
    expiresAtMs: null,
    ...access,
  };
}

export async function startTransport(script: Script, options: TransportWorldOptions = {}): Promise<TransportWorld> {
  const server = await startScriptedServer(script, { protocol: 'h2', ...options });
  const clock = createSteppedClock();
  const seen: EndedRequest[] = [];
  const open = { calls: 0, watches: 0, lease: 0 };
  const transport = createKubeTransport({
    access: toAccess(server.url, options.access),
    reload: options.reload ?? (() => Promise.reject(new Error('not renewable'))),
    clock,
    userAgent: 'mallsync/1.2.3',
    random: () => 0,
    observer: {
      onRequest: (request) => void seen.push(request),
      onConnectionOpened: (purpose) => void (open[purpose] += 1),
      onConnectionClosed: (purpose) => void (open[purpose] -= 1),
    },
    ...(options.maxConcurrentCalls === undefined ? {} : { maxConcurrentCalls: options.maxConcurrentCalls }),
  });
  onTestFinished(async () => {
    await transport.close();
    await server.close();
  });
  const call: TransportWorld['call'] = (given = {}, signal = NEVER) =>
    transport.calls.call({ ...GET, ...given }, signal);
  return { server, transport, clock, seen, open, call };
}

export const answer =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Script =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
export const ok = answer(200, { kind: 'Thing' });
export const silence: Script = () => undefined;

/** What a call fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<ClusterError> {
  const thrown: unknown = await promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  if (thrown instanceof ClusterError) return thrown;
  throw new Error('no ClusterError', { cause: thrown });
}
