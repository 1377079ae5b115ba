export const CREDENTIAL_STATES = ['ACTIVE', 'NEEDS_CONSENT', 'UNINSTALLED'] as const;
export type CredentialState = (typeof CREDENTIAL_STATES)[number];

/** An access and refresh token as Cafe24 issues them, expiries in epoch milliseconds of our clock. */
export interface TokenPair {
  readonly accessToken: string;
  readonly accessExpiresAtMs: number;
  readonly refreshToken: string;
  readonly refreshExpiresAtMs: number;
  readonly scopes: readonly string[];
}

/** What the store holds of one mall, decrypted. The access token is null until the first refresh. */
export interface Credential {
  readonly mallId: number;
  readonly cafe24MallId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly accessToken: string | null;
  readonly accessExpiresAtMs: number | null;
  readonly refreshToken: string | null;
  readonly refreshExpiresAtMs: number | null;
  /** Rises by one with each stored pair. */
  readonly generation: number;
  readonly state: CredentialState;
}
