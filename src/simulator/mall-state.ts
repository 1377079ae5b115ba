import { createCallBucket, type CallBucket } from './call-bucket.ts';
import { createCallRate, type CallRate } from './call-rate.ts';
import { createCallStats, type CallStats } from './call-stats.ts';
import type { Endpoint } from './fault-schema.ts';
import { createFaults, type Faults } from './faults.ts';
import { createMallData, type MallData } from './mall-data.ts';
import type { MallBehaviour, MallSettings } from './mall.ts';
import type { SimulatorClock } from './simulator-clock.ts';
import { createTokenStore, toInitialRefreshToken, type TokenStore } from './token-store.ts';
import { createUsageQuota, type UsageQuota } from './usage-quota.ts';

interface AuthorizationCode {
  readonly redirectUri: string;
  readonly endsAtMs: number;
  readonly scopes: readonly string[];
  readonly challenge: string | undefined;
}

interface PendingEdit {
  readonly endpoint: Endpoint;
  callsLeft: number;
  readonly apply: () => void;
}

/** One mall as it runs. */
export interface MallState {
  readonly settings: MallSettings;
  behaviour: MallBehaviour;
  readonly data: MallData;
  readonly tokens: TokenStore;
  readonly codes: Map<string, AuthorizationCode>;
  /** Times of the token requests of the last two hours, in epoch milliseconds. */
  tokenRequests: number[];
  tokenBlockedUntilMs: number;
  readonly faults: Faults;
  readonly quota: UsageQuota;
  readonly callsByAddress: CallRate;
  readonly calls: CallRate;
  readonly stats: CallStats;
  bucket(endpoint: Endpoint, size: number): CallBucket;
  /** Applies an edit just before the call that comes after `calls` more calls of the endpoint. */
  editAfter(endpoint: Endpoint, calls: number, apply: () => void): void;
  applyDueEdits(endpoint: Endpoint): void;
}

function createPendingEdits(): Pick<MallState, 'editAfter' | 'applyDueEdits'> {
  let pending: PendingEdit[] = [];
  return {
    editAfter(endpoint, calls, apply) {
      pending.push({ endpoint, callsLeft: calls, apply });
    },
    applyDueEdits(endpoint) {
      if (pending.length === 0) return;
      const due = pending.filter((edit) => edit.endpoint === endpoint && edit.callsLeft-- <= 0);
      pending = pending.filter((edit) => !due.includes(edit));
      for (const edit of due) edit.apply();
    },
  };
}

export function createMallState(settings: MallSettings, seed: number, clock: SimulatorClock): MallState {
  const refreshToken = settings.refreshToken ?? toInitialRefreshToken(settings.cafe24MallId, seed);
  const isGranted = settings.consent === 'granted';
  const buckets = new Map<Endpoint, CallBucket>();
  const faults = createFaults(() => clock.nowMs());
  for (const fault of settings.faults) faults.add(fault);
  return {
    settings,
    behaviour: settings.behaviour,
    data: createMallData(settings, seed),
    tokens: createTokenStore(settings.cafe24MallId, seed, {
      refreshToken: isGranted ? refreshToken : undefined,
      scopes: settings.scopes,
      nowMs: clock.nowMs(),
    }),
    codes: new Map(),
    tokenRequests: [],
    tokenBlockedUntilMs: 0,
    faults,
    quota: createUsageQuota(),
    callsByAddress: createCallRate(),
    calls: createCallRate(),
    stats: createCallStats(),
    bucket(endpoint, size) {
      const bucket = buckets.get(endpoint) ?? createCallBucket(size);
      buckets.set(endpoint, bucket);
      return bucket;
    },
    ...createPendingEdits(),
  };
}
