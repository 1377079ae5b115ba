import { formatTokenTime } from './korean-time.ts';
import { buildOpaqueToken } from './random.ts';

export interface TokenGrant {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly issuedAtMs: number;
  readonly accessEndsAtMs: number;
  readonly refreshEndsAtMs: number;
  readonly scopes: readonly string[];
}

type AccessCheck =
  | { readonly state: 'valid'; readonly scopes: readonly string[] }
  | { readonly state: 'expired' }
  | { readonly state: 'unknown' };

/** The tokens of one mall and app: refresh tokens work once, at most 15 access tokens live. */
export interface TokenStore {
  issue(nowMs: number, scopes: readonly string[]): TokenGrant;
  /** Undefined when the refresh token is unknown, used or out of date. */
  refresh(refreshToken: string, nowMs: number, oldAccessDies: boolean): TokenGrant | undefined;
  check(accessToken: string, nowMs: number): AccessCheck;
  /** Kills the pair that the token belongs to. */
  revoke(token: string): void;
  revokeAll(): void;
  expireAccessTokens(nowMs: number): void;
  countAlive(nowMs: number): number;
}

const ACCESS_MS = 2 * 3_600_000;
const REFRESH_MS = 14 * 86_400_000;
const MOST_ALIVE = 15;
/** Tokens out of date are kept for a while, to be told from tokens that never were. */
const MOST_REMEMBERED = 200;
const MOST_RECALLED = 1000;

export function toInitialRefreshToken(cafe24MallId: string, seed: number): string {
  return buildOpaqueToken(`refresh ${cafe24MallId}`, seed, 0);
}

export interface FirstGrant {
  /** Undefined where the consent is lost. */
  readonly refreshToken: string | undefined;
  /** What tokens issued before this simulator started were granted. */
  readonly scopes: readonly string[];
  readonly nowMs: number;
}

/** A grant of which only the refresh token is of use. */
function toSpentGrant(refreshToken: string, scopes: readonly string[], nowMs: number): TokenGrant {
  const refreshEndsAtMs = nowMs + REFRESH_MS;
  return { accessToken: '', refreshToken, issuedAtMs: nowMs, accessEndsAtMs: nowMs, refreshEndsAtMs, scopes };
}

/** Tokens follow from mall, seed and serial, so that a simulator started anew can know those of its predecessor. */
function createTokenSeries(cafe24MallId: string, seed: number) {
  return {
    access: (serial: number): string => buildOpaqueToken(`access ${cafe24MallId}`, seed, serial),
    refresh: (serial: number): string => buildOpaqueToken(`refresh ${cafe24MallId}`, seed, serial),
  };
}

export function createTokenStore(cafe24MallId: string, seed: number, first: FirstGrant): TokenStore {
  const series = createTokenSeries(cafe24MallId, seed);
  const byRefresh = new Map<string, TokenGrant>();
  const byAccess = new Map<string, TokenGrant>();
  let serial = 0;
  let scopesOfPredecessor: readonly string[] | undefined = first.scopes;
  if (first.refreshToken !== undefined) {
    byRefresh.set(first.refreshToken, toSpentGrant(first.refreshToken, first.scopes, first.nowMs));
  }

  function discardOldest(nowMs: number): void {
    const alive = [...byAccess.values()].filter((grant) => grant.accessEndsAtMs > nowMs);
    for (const grant of alive.slice(0, Math.max(0, alive.length - MOST_ALIVE))) byAccess.delete(grant.accessToken);
    for (const token of byAccess.keys()) if (byAccess.size > MOST_REMEMBERED) byAccess.delete(token);
  }

  function issue(nowMs: number, scopes: readonly string[]): TokenGrant {
    serial++;
    const [accessToken, refreshToken] = [series.access(serial), series.refresh(serial)];
    const [accessEndsAtMs, refreshEndsAtMs] = [nowMs + ACCESS_MS, nowMs + REFRESH_MS];
    const grant = { accessToken, refreshToken, issuedAtMs: nowMs, accessEndsAtMs, refreshEndsAtMs, scopes };
    byAccess.set(accessToken, grant);
    byRefresh.set(refreshToken, grant);
    discardOldest(nowMs);
    return grant;
  }

  /** A token further on in the series was issued before this simulator started. */
  function recallFromPredecessor(refreshToken: string, nowMs: number): TokenGrant | undefined {
    if (scopesOfPredecessor === undefined) return undefined;
    for (let ahead = serial + 1; ahead <= serial + MOST_RECALLED; ahead++) {
      if (series.refresh(ahead) !== refreshToken) continue;
      serial = ahead;
      return toSpentGrant(refreshToken, scopesOfPredecessor, nowMs);
    }
    return undefined;
  }

  return {
    issue,
    refresh(refreshToken, nowMs, oldAccessDies) {
      const grant = byRefresh.get(refreshToken) ?? recallFromPredecessor(refreshToken, nowMs);
      byRefresh.delete(refreshToken);
      if (grant === undefined || grant.refreshEndsAtMs <= nowMs) return undefined;
      if (oldAccessDies) byAccess.delete(grant.accessToken);
      return issue(nowMs, grant.scopes);
    },
    check: (accessToken, nowMs) => checkAccess(byAccess.get(accessToken), nowMs),
    revoke(token) {
      const grant = byAccess.get(token) ?? byRefresh.get(token);
      if (grant === undefined) return;
      byAccess.delete(grant.accessToken);
      byRefresh.delete(grant.refreshToken);
    },
    revokeAll() {
      byAccess.clear();
      byRefresh.clear();
      scopesOfPredecessor = undefined;
    },
    expireAccessTokens(nowMs) {
      for (const [token, grant] of byAccess) byAccess.set(token, { ...grant, accessEndsAtMs: nowMs });
    },
    countAlive: (nowMs) => [...byAccess.values()].filter((grant) => grant.accessEndsAtMs > nowMs).length,
  };
}

function checkAccess(grant: TokenGrant | undefined, nowMs: number): AccessCheck {
  if (grant === undefined) return { state: 'unknown' };
  return grant.accessEndsAtMs > nowMs ? { state: 'valid', scopes: grant.scopes } : { state: 'expired' };
}

/** The body of a successful token answer. */
export function toTokenAnswer(grant: TokenGrant, cafe24MallId: string, clientId: string): Record<string, unknown> {
  return {
    access_token: grant.accessToken,
    expires_at: formatTokenTime(grant.accessEndsAtMs),
    refresh_token: grant.refreshToken,
    refresh_token_expires_at: formatTokenTime(grant.refreshEndsAtMs),
    client_id: clientId,
    mall_id: cafe24MallId,
    user_id: cafe24MallId,
    scopes: grant.scopes,
    issued_at: formatTokenTime(grant.issuedAtMs),
    shop_no: '1',
    token_type: 'Bearer',
  };
}
