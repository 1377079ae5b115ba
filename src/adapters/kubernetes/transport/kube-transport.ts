import type { Clock } from '../../../domain/clock.ts';
import { ClusterError } from '../../../controller/cluster-error.ts';
import type { ApiSession, TransportObserver } from './api-session.ts';
import { createCallSlots } from './call-slots.ts';
import { createCredentials } from './credentials.ts';
import { withDeadline } from './deadline.ts';
import type { KubeAccess } from './kube-access.ts';
import type { KubeCall, KubeClient } from './kube-client.ts';
import { openWatch } from './open-watch.ts';
import { runCall } from './run-call.ts';
import { createWire, type Wire, type WirePurpose } from './wire.ts';

export interface TransportDependencies {
  readonly access: KubeAccess;
  /** Asks a credential plugin again. */
  readonly reload: () => Promise<KubeAccess>;
  readonly clock: Clock;
  /** E.g. `mallsync/1.2.3`. */
  readonly userAgent: string;
  readonly observer?: TransportObserver;
  /** Calls at once, those for the Lease apart; at most 100. */
  readonly maxConcurrentCalls?: number;
  /** From 0 to 1, for jitter. */
  readonly random?: () => number;
}

/** The connections of one process to one API server: one for calls, one for watches, one for the Lease. */
export interface KubeTransport {
  readonly calls: KubeClient;
  /** For the Lease only: nothing else stands in its way. */
  readonly lease: KubeClient;
  /** Breaks what is under way. */
  close(): Promise<void>;
}

const CALL_DEADLINE_MS = 10_000;
const LIST_DEADLINE_MS = 30_000;
/** More make each one slower, not all of them faster. */
const MAX_CONCURRENT_CALLS = 32;
/** Callers that are so far ahead of the server do not ask in vain: what was not sent was not carried out. */
const LONGEST_QUEUE_MS = 60_000;
const MAX_LEASE_CALLS = 4;
const HTTP1_CONNECTIONS = { calls: 12, watches: null, lease: 2 } as const;
const SILENT_OBSERVER: TransportObserver = {
  onRequest: () => undefined,
  onConnectionOpened: () => undefined,
  onConnectionClosed: () => undefined,
};

export function createKubeTransport(dependencies: TransportDependencies): KubeTransport {
  const { access, clock, observer = SILENT_OBSERVER } = dependencies;
  const server = new URL(access.server);
  const session: ApiSession = {
    clock,
    observer,
    random: dependencies.random ?? Math.random,
    host: server.host,
    pathPrefix: server.pathname.replace(/\/$/, ''),
    userAgent: dependencies.userAgent,
    credentials: createCredentials(dependencies),
  };
  const lay = (purpose: WirePurpose): Wire =>
    createWire({
      purpose,
      origin: server.origin,
      clock,
      http1Connections: HTTP1_CONNECTIONS[purpose],
      onOpened: () => observer.onConnectionOpened(purpose),
      onClosed: () => observer.onConnectionClosed(purpose),
    });
  const wires = { calls: lay('calls'), watches: lay('watches'), lease: lay('lease') };
  const calls = createClient(
    session,
    wires.calls,
    wires.watches,
    dependencies.maxConcurrentCalls ?? MAX_CONCURRENT_CALLS,
  );
  const lease = createClient(session, wires.lease, wires.watches, MAX_LEASE_CALLS);
  return {
    calls,
    lease,
    async close() {
      await Promise.all(Object.values(wires).map((wire) => wire.close()));
    },
  };
}

function createClient(session: ApiSession, wire: Wire, watchWire: Wire, maxCalls: number): KubeClient {
  const { clock } = session;
  const slots = createCallSlots(maxCalls);
  return {
    async call(call, signal) {
      const giveBack = await withDeadline(clock, LONGEST_QUEUE_MS, signal, toCrowdError, (scope) => slots.take(scope));
      try {
        const deadlineMs = call.deadlineMs ?? (call.verb === 'list' ? LIST_DEADLINE_MS : CALL_DEADLINE_MS);
        const endsAtMs = clock.monotonicMs() + deadlineMs;
        const lateness = (): Error => toTimeoutError(call, deadlineMs);
        return await withDeadline(clock, deadlineMs, signal, lateness, (scope) =>
          runCall(session, wire, call, endsAtMs, scope),
        );
      } finally {
        giveBack();
      }
    },
    watch: (watch, signal) => openWatch(session, watchWire, watch, signal),
    async close() {
      await Promise.all([wire.close(), watchWire.close()]);
    },
  };
}

function toCrowdError(): ClusterError {
  return new ClusterError('unavailable', `not sent: other calls were in front for ${LONGEST_QUEUE_MS} ms`);
}

function toTimeoutError({ verb, path }: KubeCall, deadlineMs: number): ClusterError {
  return new ClusterError('timeout', `${verb} ${path}: no answer within ${deadlineMs} ms`);
}
