import type { Credential } from '../../domain/credential.ts';
import { StoppedError, TransientError } from '../../domain/errors.ts';
import { DAY_MS } from '../../domain/seoul-time.ts';
import type { CallMeter } from '../../engine/page-source.ts';
import { DEFAULT_PATIENCE } from './pacer.ts';
import type { RefreshDependencies } from './token-refresh.ts';
import { CONSENT_RETRY_BUCKET, refreshClaimed, toClaimSeconds, toStateError } from './token-refresh.ts';

export interface AccessToken {
  readonly value: string;
  readonly generation: number;
}

/** Told about the tokens of a mall; never about their values. */
export interface TokenObserver {
  /** A mall whose refresh token ends soon: without a refresh it needs a person's consent after `daysLeft` days. */
  onRefreshTokenAge?(mallId: number, daysLeft: number): void;
  onRefreshed?(mallId: number, generation: number): void;
}

export interface TokenSettings {
  /** A token with less than this left is refreshed. */
  readonly refreshAheadMs: number;
  /** Time given to a refresher that took the pair but could not store it yet, before consent counts as lost. */
  readonly grantDoubtMs: number;
  readonly warnBelowDays: number;
  /** How long to wait for a token endpoint that wants no calls. */
  readonly patienceMs: number;
}

export const DEFAULT_TOKENS: TokenSettings = {
  refreshAheadMs: 5 * 60_000,
  grantDoubtMs: 10_000,
  warnBelowDays: 4,
  patienceMs: DEFAULT_PATIENCE.quotaMs,
};

export interface TokenKeeperDependencies extends Omit<RefreshDependencies, 'grantDoubtMs' | 'meter'> {
  readonly meter: CallMeter;
  readonly observer: TokenObserver;
  /** Tries a mall that needs consent, or whose app is gone, once more where nobody has for hours. */
  readonly retryLostConsent: boolean;
  readonly settings?: TokenSettings;
}

const REFRESH_TOKEN_DAYS = 14;
const IDLE_DAYS = 7;
const POLL_MS = 200;
const LONGEST_SLEEP_MS = 30_000;
/** What another process stored is noticed after this at the latest. */
const HOLD_MS = 60_000;
/** A token that could not be refreshed is used to its end, with this pause between two tries. */
const RETRY_PAUSE_MS = 30_000;
const LEAST_LEFT_MS = 30_000;

/**
 * The tokens of one mall, shared with all other processes through the store. At any time either a credential is held, or
 * one flight (a look at the store, and where needed a refresh) is under way for all callers: they share its result and
 * its error.
 */
export class TokenKeeper {
  readonly #dependencies: TokenKeeperDependencies;
  readonly #settings: TokenSettings;
  readonly #refreshing: RefreshDependencies;
  readonly #closing = new AbortController();
  #held: Credential | undefined;
  #heldUntilMs = -Infinity;
  #flight: Promise<Credential> | undefined;
  #mayRetryState: boolean;

  constructor(dependencies: TokenKeeperDependencies) {
    this.#dependencies = dependencies;
    this.#settings = dependencies.settings ?? DEFAULT_TOKENS;
    this.#refreshing = { ...dependencies, grantDoubtMs: this.#settings.grantDoubtMs };
    this.#mayRetryState = dependencies.retryLostConsent;
  }

  /** A token good for minutes; refreshes it, or waits for who does, when it is not. */
  async current(signal: AbortSignal): Promise<AccessToken> {
    const held = this.#held;
    const isRecent = this.#dependencies.clock.monotonicMs() < this.#heldUntilMs;
    if (held !== undefined && isRecent && this.#hasLeft(held, LEAST_LEFT_MS)) return toAccessToken(held);
    return toAccessToken(await this.#share(undefined, signal));
  }

  /** Another token than the refused one. */
  async renew(refusedGeneration: number, signal: AbortSignal): Promise<AccessToken> {
    for (;;) {
      if (this.#held !== undefined && this.#held.generation > refusedGeneration) return toAccessToken(this.#held);
      const credential = await this.#share(refusedGeneration, signal);
      if (credential.generation !== refusedGeneration) return toAccessToken(credential);
    }
  }

  /** The API said that the app is gone from the mall. */
  async noteUninstalled(generation: number): Promise<void> {
    this.#held = undefined;
    await this.#dependencies.store.markState(this.#dependencies.mallId, generation, 'UNINSTALLED');
  }

  /** Refreshes a pair older than `idleDays`, since 14 days without any refresh cost the consent; true if it did. */
  async refreshIdle(signal: AbortSignal, idleDays = IDLE_DAYS): Promise<boolean> {
    const credential = await this.#dependencies.store.load(this.#dependencies.mallId);
    const leastMs = (REFRESH_TOKEN_DAYS - idleDays) * DAY_MS;
    const isIdle = (credential.refreshExpiresAtMs ?? 0) - this.#dependencies.clock.nowMs() < leastMs;
    if (isIdle) await this.renew(credential.generation, signal);
    return isIdle;
  }

  /** Ends all waiting and resolves when a refresh that is under way has been stored. Await it before the process exits. */
  async close(): Promise<void> {
    this.#closing.abort(new StoppedError('the run is over; nobody needs its tokens any more'));
    await this.#flight?.catch(() => undefined);
  }

  async #share(refusedGeneration: number | undefined, signal: AbortSignal): Promise<Credential> {
    this.#flight ??= this.#loadOrObtain(refusedGeneration).finally(() => {
      this.#flight = undefined;
    });
    const endWait = this.#dependencies.meter.startWait('token');
    try {
      return await unlessAborted(this.#flight, signal);
    } finally {
      endWait();
    }
  }

  async #loadOrObtain(refusedGeneration: number | undefined): Promise<Credential> {
    const credential = await this.#loadUsable();
    const isRefused = credential.generation === refusedGeneration;
    if (!isRefused && this.#hasLeft(credential, this.#settings.refreshAheadMs)) return this.#hold(credential, HOLD_MS);
    try {
      return this.#hold(await this.#obtain(credential), HOLD_MS);
    } catch (error) {
      const isStillGood = !isRefused && this.#hasLeft(credential, LEAST_LEFT_MS);
      if (error instanceof TransientError && isStillGood) return this.#hold(credential, RETRY_PAUSE_MS);
      throw error;
    }
  }

  /** Refreshes by claim, or waits until another process has. */
  async #obtain(stale: Credential): Promise<Credential> {
    const { store, clock, mallId, observer } = this.#dependencies;
    const endMs = clock.monotonicMs() + this.#settings.patienceMs;
    for (let credential = stale; ;) {
      const claim = await store.claimRefresh(
        mallId,
        credential.generation,
        toClaimSeconds(this.#settings.grantDoubtMs),
      );
      let waitMs = claim === 'generation-moved' ? 0 : POLL_MS;
      if (claim === 'claimed') {
        const result = await refreshClaimed(this.#refreshing, credential, this.#closing.signal);
        if (result.kind === 'renewed') {
          observer.onRefreshed?.(mallId, result.credential.generation);
          return result.credential;
        }
        waitMs = Math.min(result.waitMs, LONGEST_SLEEP_MS);
      }
      if (clock.monotonicMs() > endMs) {
        throw new TransientError('RateLimited', 'the token endpoint took no call for too long; many were made before');
      }
      await clock.sleep(waitMs, this.#closing.signal);
      credential = await this.#loadUsable();
      const isNew = credential.generation !== stale.generation;
      if (isNew && this.#hasLeft(credential, this.#settings.refreshAheadMs)) return credential;
    }
  }

  async #loadUsable(): Promise<Credential> {
    const { store, clock, mallId, observer } = this.#dependencies;
    const credential = await store.load(mallId);
    if (credential.refreshExpiresAtMs !== null) {
      const daysLeft = (credential.refreshExpiresAtMs - clock.nowMs()) / DAY_MS;
      if (daysLeft < this.#settings.warnBelowDays) observer.onRefreshTokenAge?.(mallId, daysLeft);
    }
    if (credential.state === 'ACTIVE') return credential;
    if (!(await this.#takeConsentRetry())) throw toStateError(credential.state, credential.cafe24MallId);
    await store.markState(mallId, credential.generation, 'ACTIVE');
    return { ...credential, state: 'ACTIVE' };
  }

  async #takeConsentRetry(): Promise<boolean> {
    if (!this.#mayRetryState) return false;
    this.#mayRetryState = false;
    const { budget, clock, mallId } = this.#dependencies;
    for (;;) {
      const { granted, waitMs } = await budget.takePermits(mallId, CONSENT_RETRY_BUCKET, 1, false);
      if (granted > 0) return true;
      if (waitMs > LONGEST_SLEEP_MS) return false;
      await clock.sleep(waitMs, this.#closing.signal);
    }
  }

  #hasLeft(credential: Credential, leastMs: number): boolean {
    if (credential.accessToken === null || credential.accessExpiresAtMs === null) return false;
    return credential.accessExpiresAtMs - this.#dependencies.clock.nowMs() > leastMs;
  }

  #hold(credential: Credential, holdMs: number): Credential {
    this.#held = credential;
    this.#heldUntilMs = this.#dependencies.clock.monotonicMs() + holdMs;
    return credential;
  }
}

function toAccessToken(credential: Credential): AccessToken {
  return { value: credential.accessToken ?? '', generation: credential.generation };
}

function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => signal.removeEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(settle);
  });
}
