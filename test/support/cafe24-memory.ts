import type { Credential } from '../../src/domain/credential.ts';
import type { CallCosts } from '../../src/engine/page-source.ts';
import type { RateBudget } from '../../src/domain/rate-budget.ts';
import type { TokenStore } from '../../src/domain/token-store.ts';

export interface MemoryTokenStore extends TokenStore {
  readonly credential: Credential;
  change(change: Partial<Credential>): void;
  /** Runs before each save; throws to refuse it. */
  beforeSave: () => void;
}

/** The token store of one mall, judged by the process's own clock. */
export function createMemoryTokenStore(first: Credential): MemoryTokenStore {
  let credential = first;
  let claimedUntilMs = 0;
  const store: MemoryTokenStore = {
    get credential() {
      return credential;
    },
    change(change) {
      credential = { ...credential, ...change };
    },
    beforeSave: () => undefined,
    async load() {
      return credential;
    },
    async claimRefresh(_, generation, claimSeconds) {
      if (credential.generation !== generation) return 'generation-moved';
      if (credential.state !== 'ACTIVE') return 'not-active';
      if (Date.now() < claimedUntilMs) return 'held-by-another';
      claimedUntilMs = Date.now() + claimSeconds * 1_000;
      return 'claimed';
    },
    async saveTokens(_, generation, pair) {
      store.beforeSave();
      if (credential.generation !== generation) return false;
      credential = { ...credential, ...pair, generation: generation + 1, state: 'ACTIVE' };
      claimedUntilMs = 0;
      return true;
    },
    async releaseRefresh(_, generation) {
      if (credential.generation === generation) claimedUntilMs = 0;
    },
    async markState(_, generation, state) {
      if (credential.generation !== generation) return;
      credential = { ...credential, state };
      claimedUntilMs = 0;
    },
  };
  return store;
}

export interface BudgetNote {
  readonly endpoint: string;
  readonly blockMs: number;
}

/** Grants every call, unless blocked, and keeps what it was told. */
export function createOpenBudget(): RateBudget & { readonly blocks: BudgetNote[]; readonly taken: string[] } {
  const blocks: BudgetNote[] = [];
  const taken: string[] = [];
  const endsMs = new Map<string, number>();
  return {
    blocks,
    taken,
    async takePermits(_, bucket, wanted) {
      const untilMs = Math.max(endsMs.get('*') ?? 0, endsMs.get(bucket.endpoint) ?? 0);
      const waitMs = untilMs - Date.now();
      if (waitMs > 0) return { granted: 0, waitMs, isQuota: (endsMs.get('*') ?? 0) === untilMs };
      for (let n = 0; n < wanted; n++) taken.push(bucket.endpoint);
      return { granted: wanted, waitMs: 0, isQuota: false };
    },
    async reportUsage() {},
    async block(_, endpoint, blockMs) {
      blocks.push({ endpoint, blockMs });
      endsMs.set(endpoint, Date.now() + blockMs);
    },
  };
}

/** Counts calls and waits the way a run does. */
export function toCallCounts(costs: CallCosts): Readonly<Record<string, number>> {
  return Object.fromEntries(costs.calls.map((call) => [`${call.endpoint} ${call.code}`, call.count]));
}
