/** So many at once, first come, first served. */
export interface CallSlots {
  /** Resolves when there is room. @returns what gives the room back, once */
  take(signal: AbortSignal): Promise<() => void>;
}

interface Waiter {
  readonly enter: () => void;
}

export function createCallSlots(limit: number): CallSlots {
  const waiting = new Set<Waiter>();
  let taken = 0;

  const giveBack = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      taken -= 1;
      return;
    }
    waiting.delete(next);
    next.enter();
  };
  const wait = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiting.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        enter() {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.add(waiter);
    });

  return {
    async take(signal) {
      signal.throwIfAborted();
      if (taken < limit) taken += 1;
      else await wait(signal);
      let isTaken = true;
      return () => {
        if (isTaken) giveBack();
        isTaken = false;
      };
    },
  };
}
