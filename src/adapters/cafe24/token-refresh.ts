import type { Credential, CredentialState } from '../../domain/credential.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { Bucket, RateBudget } from '../../domain/rate-budget.ts';
import { savePair } from './save-pair.ts';
import type { TokenAnswer, TokenCallDependencies } from './token-call.ts';
import { requestTokens, TOKEN_CALL_TIMEOUT_MS, TOKEN_ENDPOINT } from './token-call.ts';
import type { TokenStore } from '../../domain/token-store.ts';

/** Cafe24 takes 15 token requests in 2 hours from a mall before it blocks it. */
const TOKEN_BUCKET: Bucket = { endpoint: TOKEN_ENDPOINT, size: 15, leakPerSecond: 15 / 7_200 };

/** A mall without consent is tried once in six hours, however many executions a night has for it. */
export const CONSENT_RETRY_BUCKET: Bucket = { endpoint: 'oauth/consent-retry', size: 2, leakPerSecond: 1 / 21_600 };

const POLL_MS = 250;

export interface RefreshDependencies extends TokenCallDependencies {
  readonly store: TokenStore;
  readonly budget: Pick<RateBudget, 'takePermits' | 'block'>;
  readonly mallId: number;
  /** Time given to a refresher that took the pair but could not store it yet, before consent counts as lost. */
  readonly grantDoubtMs: number;
}

export type RefreshResult =
  | { readonly kind: 'renewed'; readonly credential: Credential }
  /** The token endpoint may not be called for so long; the claim is given back. */
  | { readonly kind: 'wait'; readonly waitMs: number };

/** Long enough for two calls and the doubt between them. */
export function toClaimSeconds(grantDoubtMs: number): number {
  return Math.ceil((2 * TOKEN_CALL_TIMEOUT_MS + grantDoubtMs) / 1_000) + 10;
}

/**
 * The refresh of a mall's pair by the process that holds the claim. Whatever comes of it, the claim is given back or
 * used up.
 * @param closing ends the doubt of an answer `invalid_grant`, never a call or the storing of a pair
 */
export async function refreshClaimed(
  dependencies: RefreshDependencies,
  credential: Credential,
  closing: AbortSignal,
): Promise<RefreshResult> {
  const { store, budget, mallId } = dependencies;
  try {
    const permits = await budget.takePermits(mallId, TOKEN_BUCKET, 1, false);
    if (permits.granted === 0) {
      await store.releaseRefresh(mallId, credential.generation);
      return { kind: 'wait', waitMs: permits.waitMs };
    }
    const answer = await askForRefresh(dependencies, credential);
    if (answer.kind !== 'invalid-grant') return await settle(dependencies, credential, answer);
    const moved = await waitForAnotherPair(dependencies, credential, closing);
    if (moved !== undefined) return { kind: 'renewed', credential: moved };
    return await settle(dependencies, credential, await askForRefresh(dependencies, credential));
  } catch (error) {
    // The claim runs out by itself where even this fails; the first error is the one to tell.
    await store.releaseRefresh(mallId, credential.generation).catch(() => undefined);
    throw error;
  }
}

async function askForRefresh(dependencies: RefreshDependencies, credential: Credential): Promise<TokenAnswer> {
  if (credential.refreshToken === null) return { kind: 'invalid-grant' };
  return await requestTokens(dependencies, credential, {
    grant_type: 'refresh_token',
    refresh_token: credential.refreshToken,
  });
}

async function settle(
  dependencies: RefreshDependencies,
  credential: Credential,
  answer: TokenAnswer,
): Promise<RefreshResult> {
  const { store, budget, clock, mallId } = dependencies;
  if (answer.kind === 'issued') {
    const isStored = await savePair(store, clock, mallId, credential.generation, answer.pair);
    if (!isStored) return { kind: 'renewed', credential: await store.load(mallId) };
    const generation = credential.generation + 1;
    return { kind: 'renewed', credential: { ...credential, ...answer.pair, generation, state: 'ACTIVE' } };
  }
  if (answer.kind === 'limited') {
    await budget.block(mallId, TOKEN_ENDPOINT, answer.waitMs);
    await store.releaseRefresh(mallId, credential.generation);
    return { kind: 'wait', waitMs: answer.waitMs };
  }
  const state = answer.kind === 'uninstalled' ? 'UNINSTALLED' : 'NEEDS_CONSENT';
  await store.markState(mallId, credential.generation, state);
  throw toStateError(state, credential.cafe24MallId);
}

/** A refresher whose claim ran out may still hold the pair that made our token invalid. */
async function waitForAnotherPair(
  { store, clock, mallId, grantDoubtMs }: RefreshDependencies,
  credential: Credential,
  closing: AbortSignal,
): Promise<Credential | undefined> {
  if (credential.refreshToken === null) return undefined;
  const endMs = clock.monotonicMs() + grantDoubtMs;
  for (;;) {
    const stored = await store.load(mallId);
    if (stored.generation !== credential.generation) return stored;
    const leftMs = endMs - clock.monotonicMs();
    if (leftMs <= 0) return undefined;
    await clock.sleep(Math.min(POLL_MS, leftMs), closing);
  }
}

export function toStateError(state: Exclude<CredentialState, 'ACTIVE'>, cafe24MallId: string): TerminalError {
  return state === 'UNINSTALLED'
    ? new TerminalError('AppUninstalled', `Cafe24 says that the app is not installed in the mall ${cafe24MallId}`)
    : new TerminalError('AuthFailed', `the mall ${cafe24MallId} has no valid consent: its refresh token is refused`);
}
