import type { LeadParts } from '../../src/commands/controller/lead.ts';

type Observe = LeadParts['metrics']['work'];

/** Whether the workers of a term have nothing left to do. */
export interface IdleMeter {
  readonly observe: Observe;
  /** Resolves when nothing is under way or due, and each loop has had its looks: that at MallSyncs this many. */
  wait(mallSyncs: number): Promise<void>;
}

interface Loop {
  ended: number;
  due: number;
}

export function createIdleMeter(): IdleMeter {
  const loops = new Map<string, Loop>();
  const waiters = new Set<() => void>();
  const loopOf = (name: string): Loop => {
    const loop = loops.get(name) ?? { ended: 0, due: 0 };
    loops.set(name, loop);
    return loop;
  };
  const tell = (): void => {
    for (const waiter of waiters) waiter();
  };
  const isIdle = (mallSyncs: number): boolean =>
    [...loops.values()].every(({ due }) => due === 0) &&
    loopOf('mallsync').ended >= mallSyncs &&
    loopOf('launch').ended > 0 &&
    loopOf('sweep').ended > 0;
  return {
    observe(name) {
      const loop = loopOf(name);
      return {
        // due from the moment a key waits for a worker to its release
        queue: {
          onReady: () => void (loop.due += 1),
          onReleased: () => {
            loop.due -= 1;
            tell();
          },
        },
        workers: {
          onEnd: () => void (loop.ended += 1),
        },
      };
    },
    wait(mallSyncs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const check = (): void => {
        if (!isIdle(mallSyncs)) return;
        waiters.delete(check);
        resolve();
      };
      waiters.add(check);
      check();
      return promise;
    },
  };
}
