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
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          signal.addEventListener('abort', wake, { once: true });
        });
      }
      isRung = false;
    },
  };
}
