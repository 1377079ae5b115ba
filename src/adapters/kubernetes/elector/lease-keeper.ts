import type { Clock } from '../../../domain/clock.ts';
import { toMicroTime } from '../micro-time.ts';
import type { LeaseDoor } from './lease-door.ts';
import type { Lease } from './lease-record.ts';
import {
  buildHold,
  buildLeaseState,
  buildRelease,
  decideLeaseStep,
  noteFollowing,
  noteHeld,
  noteRead,
  type LeaseState,
  type LeaseStep,
} from './lease-state.ts';
import type { LeaseTiming } from './lease-timing.ts';

export interface ElectorHealth {
  readonly isLeading: boolean;
  readonly holder: string | null;
  /** Since the server last answered; null before the first answer. */
  readonly silentMs: number | null;
}

/** The state of one elector, kept by what the server answers. */
export interface LeaseKeeper {
  decide(): LeaseStep;
  /** Until the lead is lost; 0 while following. */
  leftMs(): number;
  read(signal: AbortSignal): Promise<void>;
  /** Claims or renews on what was read last. False where that is no longer so; then it has been read anew. */
  hold(signal: AbortSignal): Promise<boolean>;
  /** What is held by name leads no more. */
  resign(): void;
  /** False where the lease changed meanwhile; then it has been read anew. */
  release(signal: AbortSignal): Promise<boolean>;
  readHealth(): ElectorHealth;
}

export interface LeaseKeeperOptions {
  readonly clock: Clock;
  readonly identity: string;
  readonly timing: LeaseTiming;
  /** The holder is another than before; null: nobody. */
  readonly onHolder: (holder: string | null) => void;
}

export function createLeaseKeeper(door: LeaseDoor, options: LeaseKeeperOptions): LeaseKeeper {
  const { clock, timing, identity } = options;
  let state = buildLeaseState(identity);
  let heardAtMs: number | null = null;
  let writes = 0;

  const change = (next: LeaseState): void => {
    const holder = toHolder(next.lease);
    const isOther = !next.hasLooked || !state.hasLooked || holder !== toHolder(state.lease);
    state = next;
    heardAtMs = clock.monotonicMs();
    if (isOther) options.onHolder(holder);
  };
  /** Never the same twice, even where the wall clock stands still. */
  const stamp = (): string => toMicroTime(clock.nowMs(), writes++ % 1_000);
  const read = async (signal: AbortSignal): Promise<void> => {
    const found = await door.read(signal);
    change(noteRead(state, found, timing, clock.monotonicMs()));
  };

  return {
    read,
    decide: () => decideLeaseStep(state, timing, clock.monotonicMs()),
    leftMs: () => Math.max(0, (state.leadsUntilMs ?? 0) - clock.monotonicMs()),
    async hold(signal) {
      const sentAtMs = clock.monotonicMs();
      const written = await door.write(buildHold(state, timing, stamp()), state.lease, signal);
      if (written === null) await read(signal);
      else change(noteHeld(state, written, timing, sentAtMs));
      return written !== null;
    },
    resign() {
      state = noteFollowing(state);
    },
    async release(signal) {
      if (toHolder(state.lease) !== identity) return true;
      const written = await door.write(buildRelease(state, stamp()), state.lease, signal);
      if (written === null) await read(signal);
      else change(noteRead(state, written, timing, clock.monotonicMs()));
      return written !== null;
    },
    readHealth: () => ({
      isLeading: decideLeaseStep(state, timing, clock.monotonicMs()).kind === 'renew',
      holder: toHolder(state.lease),
      silentMs: heardAtMs === null ? null : clock.monotonicMs() - heardAtMs,
    }),
  };
}

function toHolder(lease: Lease | null): string | null {
  return lease?.record.holder ?? null;
}
