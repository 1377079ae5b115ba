import { createElector, type Elector } from '../../src/adapters/kubernetes/elector/elector.ts';
import type { LeaseTiming } from '../../src/adapters/kubernetes/elector/lease-timing.ts';
import type { KubeCall, KubeClient } from '../../src/adapters/kubernetes/transport/kube-client.ts';
import { ClusterError } from '../../src/controller/cluster-error.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { createSteppedClock } from './stepped-clock.ts';

/** What one request meets. A request may reach the server long after its sender has given it up. */
export interface RequestFate {
  readonly outMs: number;
  readonly backMs: number;
  readonly lost: 'nothing' | 'request' | 'answer';
}

/** Times by the world's clock; `endMs` null: it leads still. */
export interface Reign {
  readonly identity: string;
  readonly startMs: number;
  endMs: number | null;
}

export interface Candidate {
  readonly elector: Elector;
  readonly ended: Promise<'done' | 'LeaseLostError'>;
  /** Like kill -9: it does nothing any more, from one moment to the next. */
  kill(): void;
  /** Ends its work, then gives the lease back. */
  stop(): Promise<void>;
}

export interface LeaseWorld {
  readonly reigns: readonly Reign[];
  readonly requests: readonly KubeCall[];
  readonly faults: readonly unknown[];
  nowMs(): number;
  advance(ms: number): Promise<void>;
  setFate(nextFate: () => RequestFate): void;
  /** @param wallMs what its wall clock shows at a time of the world */
  start(identity: string, wallMs: (nowMs: number) => number): Candidate;
  /** The spec of the Lease; null: there is none. */
  readSpec(): Readonly<Record<string, unknown>> | null;
  deleteLease(): void;
}

/** As the controller has it by default. */
export const DEFAULT_TIMING: LeaseTiming = { leaseSeconds: 6, renewDeadlineSeconds: 4, retrySeconds: 1 };

export const PROMPT: RequestFate = { outMs: 5, backMs: 5, lost: 'nothing' };

/** A new one each time: a signal grows slow with its listeners. */
const never = (): AbortSignal => new AbortController().signal;

export function createLeaseWorld(timing: LeaseTiming): LeaseWorld {
  const clock = createSteppedClock();
  const server = createLeaseServer();
  const reigns: Reign[] = [];
  const requests: KubeCall[] = [];
  const faults: unknown[] = [];
  let nextFate = (): RequestFate => PROMPT;

  const deliver = async (call: KubeCall): Promise<unknown> => {
    requests.push(call);
    const { outMs, backMs, lost } = nextFate();
    await clock.sleep(outMs, never());
    if (lost === 'request') return await new Promise<never>(() => undefined);
    const answer = server.answer(call);
    await clock.sleep(backMs, never());
    if (lost === 'answer') return await new Promise<never>(() => undefined);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const ask = async (call: KubeCall, signal: AbortSignal): Promise<unknown> => {
    const settled = new AbortController();
    const late = clock.sleep(call.deadlineMs ?? 10_000, AbortSignal.any([signal, settled.signal])).then(() => {
      throw new ClusterError('timeout', 'no answer in time');
    });
    try {
      return await Promise.race([deliver(call), late]);
    } finally {
      late.catch(() => undefined);
      settled.abort();
    }
  };

  return {
    reigns,
    requests,
    faults,
    nowMs: () => clock.monotonicMs(),
    advance: (ms) => clock.advance(ms),
    setFate: (next) => void (nextFate = next),
    readSpec: () => server.readSpec(),
    deleteLease: () => server.delete(),
    start(identity, wallMs) {
      let isAlive = true;
      let reign: Reign | null = null;
      const unlessKilled = async <T>(work: Promise<T>): Promise<T> => {
        const settled = await work.then(
          (value) => () => value,
          (error: unknown) => () => {
            throw error;
          },
        );
        return isAlive ? settled() : await new Promise<never>(() => undefined);
      };
      const ownClock: Clock = {
        nowMs: () => wallMs(clock.monotonicMs()),
        monotonicMs: () => clock.monotonicMs() + identity.length * 1_000_003,
        sleep: (delayMs, signal) => unlessKilled(clock.sleep(delayMs, signal)),
      };
      const client: Pick<KubeClient, 'call'> = { call: (call, signal) => unlessKilled(ask(call, signal)) };
      const endReign = (): void => {
        if (reign !== null) reign.endMs ??= clock.monotonicMs();
      };
      const stopping = new AbortController();
      const elector = createElector({
        client,
        clock: ownClock,
        lease: { namespace: 'here', name: 'mallsync-controller' },
        identity,
        timing,
        onHolder: () => undefined,
        onFault: (error) => void faults.push(error),
      });
      const work = async (signal: AbortSignal): Promise<void> => {
        reign = { identity, startMs: clock.monotonicMs(), endMs: null };
        reigns.push(reign);
        await new Promise<void>((resolve) => {
          for (const each of [signal, stopping.signal]) each.addEventListener('abort', () => resolve(), { once: true });
        });
        endReign();
      };
      const ended = elector.run(work, stopping.signal).then(
        () => 'done' as const,
        (error: unknown) => {
          if (error instanceof Error && error.name === 'LeaseLostError') return 'LeaseLostError' as const;
          throw error;
        },
      );
      return {
        elector,
        ended,
        kill() {
          isAlive = false;
          endReign();
        },
        async stop() {
          stopping.abort();
          if ((await ended) === 'done')
            await elector.release(never()).catch((error: unknown) => void faults.push(error));
        },
      };
    },
  };
}

interface StoredLease {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One Lease with the API server's preconditions. */
export function createLeaseServer() {
  let stored: StoredLease | null = null;
  let version = 0;
  const store = ({ spec }: StoredLease): StoredLease => {
    version += 1;
    stored = { metadata: { resourceVersion: String(version) }, spec };
    return stored;
  };
  return {
    readSpec: () => stored?.spec ?? null,
    delete: () => void (stored = null),
    answer({ verb, body }: KubeCall): StoredLease | ClusterError {
      const sent = body as StoredLease;
      if (verb === 'create') return stored === null ? store(sent) : new ClusterError('already-exists', 'exists');
      if (stored === null) return new ClusterError('not-found', 'none');
      if (verb === 'get') return stored;
      const isSame = sent.metadata.resourceVersion === stored.metadata.resourceVersion;
      return isSame ? store(sent) : new ClusterError('conflict', 'changed');
    },
  };
}
