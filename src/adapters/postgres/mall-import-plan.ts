import { isDeepStrictEqual } from 'node:util';
import type { CredentialState } from '../../domain/credential.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import type { Mall } from '../../domain/mall.ts';
import type { MallClient, MallImport } from './mall-import.ts';

/** The stored credential, as far as an import has to know it. */
export interface StoredCredential {
  readonly clientId: string;
  /** Null when it was not read. */
  readonly clientSecret: string | null;
  readonly state: CredentialState;
  /** A refresh or a consent has brought the stored pair, and its refresh token has not expired. */
  readonly isProven: boolean;
  /** The import brings the refresh token that the last import brought. */
  readonly isSameImport: boolean;
}

/** `keep`: the import brought something that would have cost a working pair, and was not forced. */
export type CredentialPlan =
  | { readonly kind: 'absent' | 'unchanged' | 'keep' }
  | { readonly kind: 'insert' | 'replace'; readonly client: MallClient; readonly refreshToken: string | null }
  | { readonly kind: 'update-secret'; readonly client: MallClient };

/** The mall that the import makes of what is stored. */
export function buildMall(stored: Mall | undefined, incoming: MallImport): Mall {
  return {
    mallId: incoming.mallId,
    cafe24MallId: incoming.cafe24MallId,
    name: incoming.name ?? stored?.name ?? incoming.cafe24MallId,
    active: incoming.active ?? stored?.active ?? true,
    shopNos: incoming.shopNos === undefined ? (stored?.shopNos ?? null) : incoming.shopNos,
    domainTypes: incoming.domainTypes ?? stored?.domainTypes ?? DOMAIN_TYPES,
    labels: incoming.labels ?? stored?.labels ?? {},
    settings: incoming.settings ?? stored?.settings ?? {},
  };
}

const MALL_FIELDS = ['name', 'active', 'shopNos', 'domainTypes', 'labels', 'settings'] as const;

/** What an import may change of a mall that is there. */
export type MallField = (typeof MALL_FIELDS)[number];

export function listChanges(stored: Mall, built: Mall): readonly MallField[] {
  return MALL_FIELDS.filter((field) => !isDeepStrictEqual(stored[field], built[field]));
}

/**
 * A refresh token works once, so the token in a file is stale as soon as the first refresh has been made with it. It
 * therefore replaces only a pair that does not work, or one that no refresh has proven yet, unless forced.
 */
export function decideCredential(
  stored: StoredCredential | undefined,
  incoming: MallImport,
  isForced: boolean,
): CredentialPlan {
  const { client } = incoming;
  const refreshToken = incoming.refreshToken ?? null;
  if (client === undefined) return { kind: stored === undefined ? 'absent' : 'unchanged' };
  if (stored === undefined) return { kind: 'insert', client, refreshToken };
  const isOtherClient = client.clientId !== stored.clientId;
  const isOtherSecret = client.clientSecret !== stored.clientSecret;
  const isNewToken = refreshToken !== null && !stored.isSameImport;
  const isWorking = stored.state === 'ACTIVE' && stored.isProven;
  if (isForced && (refreshToken !== null || isOtherClient)) return { kind: 'replace', client, refreshToken };
  if (isWorking && isOtherClient) return { kind: 'keep' };
  if (!isWorking && (isNewToken || isOtherClient)) return { kind: 'replace', client, refreshToken };
  if (isOtherSecret) return { kind: 'update-secret', client };
  return { kind: isNewToken ? 'keep' : 'unchanged' };
}
