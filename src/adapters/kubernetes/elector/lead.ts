import type { Clock } from '../../../domain/clock.ts';
import { LeaseLostError } from '../../../domain/errors.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

export interface LeadOptions {
  readonly clock: Clock;
  readonly retryMs: number;
  /** To be logged: the next renewal comes by itself. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Runs `onLeading` under a lease that has just been claimed, and renews it meanwhile.
 * @throws LeaseLostError when the lease was lost, once `onLeading` has ended
 */
export async function lead(
  keeper: LeaseKeeper,
  { clock, retryMs, onFault }: LeadOptions,
  onLeading: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const term = new AbortController();
  const done = new AbortController();
  const over = AbortSignal.any([term.signal, done.signal]);

  const judge = (): boolean => {
    const step = keeper.decide();
    if (step.kind === 'lost') term.abort(new LeaseLostError(step.why));
    return step.kind === 'renew';
  };
  const renew = async (): Promise<void> => {
    let nextMs = clock.monotonicMs();
    while (!over.aborted) {
      // one that hung for longer than the interval is followed at once
      nextMs = Math.max(nextMs + retryMs, clock.monotonicMs());
      await clock.sleep(nextMs - clock.monotonicMs(), over).catch(() => undefined);
      try {
        if (over.aborted) return;
        // what a write met is often its own echo whose answer was lost
        if (!(await keeper.hold(over)) && judge()) await keeper.hold(over);
      } catch (error) {
        if (!over.aborted) onFault(error);
      }
      judge();
    }
  };
  /** Apart from the renewals: one that hangs must not hold up the loss. */
  const guard = async (): Promise<void> => {
    while (!over.aborted) {
      await clock.sleep(keeper.leftMs(), over).catch(() => undefined);
      judge();
    }
  };
  const work = async (): Promise<void> => {
    try {
      await onLeading(term.signal);
    } finally {
      done.abort();
    }
  };

  const [worked] = await Promise.allSettled([work(), renew(), guard()]);
  keeper.resign();
  term.signal.throwIfAborted();
  if (worked.status === 'rejected') throw worked.reason;
}
