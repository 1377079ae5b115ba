/** Wakes a loop before its time. */
export interface Bell {
  readonly ring: () => void;
  /** Resolves at the next ring, after `timeoutMs`, or when the signal aborts; a ring since the last wait counts. */
  readonly wait: (timeoutMs: number, signal: AbortSignal) => Promise<void>;
}

function ignore(): void {}

export function createBell(): Bell {
  let isRung = false;
  let wake: () => void = ignore;
  return {
    ring() {
      isRung = true;
      wake();
    },
    async wait(timeoutMs, signal) {
      if (!isRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          // however it ends, nothing of it stays with a signal that may live for months
          const end = (): void => {
            clearTimeout(timer);
            signal.removeEventListener('abort', end);
            resolve();
          };
          const timer = setTimeout(end, timeoutMs);
          signal.addEventListener('abort', end, { once: true });
          wake = end;
        });
      }
      isRung = false;
    },
  };
}
