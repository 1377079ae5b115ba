import { toSubject, type ProgressEvent } from '../../adapters/telemetry/progress.ts';
import type { Ledger } from '../../engine/ledger.ts';

/** A ledger that also tells how many rows each window that is opened is expected to have. */
export function watchCounts<Payload>(ledger: Ledger<Payload>, emit: (event: ProgressEvent) => void): Ledger<Payload> {
  return {
    ...ledger,
    async openWindow(execution, n, countBefore) {
      await ledger.openWindow(execution, n, countBefore);
      emit({ kind: 'expected', ...toSubject(execution), rows: countBefore });
    },
  };
}
