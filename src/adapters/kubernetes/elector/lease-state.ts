import { isSameRecord, type Lease, type LeaseRecord } from './lease-record.ts';
import type { LeaseTiming } from './lease-timing.ts';

/**
 * What one elector knows. It begins as a follower; a write of its own that the server accepted makes it the leader until
 * `leadsUntilMs`. All times are of the local monotonic clock.
 */
export interface LeaseState {
  readonly identity: string;
  readonly hasLooked: boolean;
  /** As last read or written; null: there is none. */
  readonly lease: Lease | null;
  /** No rival can lead from here on: the last change of the Lease that was seen is a lease duration old. */
  readonly freeAtMs: number;
  /** Null while following. Counted from when the accepted write was sent: rivals saw it later than that. */
  readonly leadsUntilMs: number | null;
  /** Changes of the holder up to now, which a deleted Lease does not forget; null: no Lease was ever seen. */
  readonly transitions: number | null;
}

export type LeaseStep =
  | { readonly kind: 'claim' }
  | { readonly kind: 'renew' }
  | { readonly kind: 'lost'; readonly why: string }
  | { readonly kind: 'wait'; readonly delayMs: number };

export function buildLeaseState(identity: string): LeaseState {
  return {
    identity,
    hasLooked: false,
    lease: null,
    freeAtMs: Number.NEGATIVE_INFINITY,
    leadsUntilMs: null,
    transitions: null,
  };
}

/** @param found what a read has just brought; null: there is none */
export function noteRead(state: LeaseState, found: Lease | null, timing: LeaseTiming, nowMs: number): LeaseState {
  const next = { ...state, hasLooked: true, lease: found };
  // a Lease that was deleted says nothing about its holder, who may lead on
  if (found === null) return next;
  const { record } = found;
  const transitions = Math.max(record.transitions, state.transitions ?? 0);
  if (state.lease !== null && isSameRecord(state.lease.record, record)) return { ...next, transitions };
  const leaseSeconds = Math.max(record.leaseSeconds ?? 0, timing.leaseSeconds);
  const freeAtMs = record.holder === null ? nowMs : nowMs + leaseSeconds * 1_000;
  return { ...next, transitions, freeAtMs };
}

/** @param written what the server made of a write that was sent at `sentAtMs` */
export function noteHeld(state: LeaseState, written: Lease, timing: LeaseTiming, sentAtMs: number): LeaseState {
  return {
    ...state,
    lease: written,
    transitions: written.record.transitions,
    leadsUntilMs: sentAtMs + timing.renewDeadlineSeconds * 1_000,
  };
}

export function noteFollowing(state: LeaseState): LeaseState {
  return { ...state, leadsUntilMs: null };
}

export function decideLeaseStep(state: LeaseState, timing: LeaseTiming, nowMs: number): LeaseStep {
  const holder = state.lease?.record.holder ?? null;
  if (state.leadsUntilMs !== null) {
    if (nowMs >= state.leadsUntilMs) return { kind: 'lost', why: 'the lease could not be renewed in time' };
    if (holder !== null && holder !== state.identity) return { kind: 'lost', why: `${holder} holds the lease` };
    return { kind: 'renew' };
  }
  const retryMs = timing.retrySeconds * 1_000;
  if (!state.hasLooked) return { kind: 'wait', delayMs: 0 };
  if (holder === state.identity || nowMs >= state.freeAtMs) return { kind: 'claim' };
  return { kind: 'wait', delayMs: Math.min(retryMs, state.freeAtMs - nowMs) };
}

/** @param now MicroTime by the wall clock, another for each write: rivals tell a renewal by it, but judge by no clock */
export function buildHold(state: LeaseState, timing: LeaseTiming, now: string): LeaseRecord {
  const old = state.lease?.record;
  const isOurs = old?.holder === state.identity;
  const isSameTerm = isOurs || state.leadsUntilMs !== null;
  return {
    holder: state.identity,
    leaseSeconds: timing.leaseSeconds,
    acquireTime: (isOurs ? old.acquireTime : null) ?? now,
    renewTime: now,
    transitions: isSameTerm ? (state.transitions ?? 0) : (state.transitions ?? -1) + 1,
  };
}

/** Anyone may take it at once. */
export function buildRelease(state: LeaseState, now: string): LeaseRecord {
  return { holder: null, leaseSeconds: 1, acquireTime: now, renewTime: now, transitions: state.transitions ?? 0 };
}
