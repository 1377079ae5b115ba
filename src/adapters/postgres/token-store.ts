import { sql } from 'slonik';
import { z } from 'zod';
import type { Credential, CredentialState, TokenPair } from '../../domain/credential.ts';
import { CREDENTIAL_STATES } from '../../domain/credential.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { RefreshClaim, TokenStore } from '../../domain/token-store.ts';
import type { Cipher } from './cipher.ts';
import type { QueryPool } from './pool.ts';

export interface TokenStoreOptions {
  readonly pool: QueryPool;
  readonly cipher: Cipher;
}

export function createTokenStore({ pool, cipher }: TokenStoreOptions): TokenStore {
  const claims = new Map<string, string>();
  return {
    load: (mallId) => loadCredential(pool, cipher, mallId),
    async claimRefresh(mallId, generation, claimSeconds) {
      const row = await claimRefresh(pool, mallId, generation, claimSeconds);
      if (row.claimed_until !== null) claims.set(`${mallId} ${generation}`, row.claimed_until);
      return toRefreshClaim(row, generation);
    },
    async saveTokens(mallId, generation, pair) {
      const wasSaved = await saveTokenPair({ pool, cipher }, mallId, generation, pair);
      claims.delete(`${mallId} ${generation}`);
      return wasSaved;
    },
    async releaseRefresh(mallId, generation) {
      const claimedUntil = claims.get(`${mallId} ${generation}`);
      if (claimedUntil === undefined) return;
      await releaseRefresh(pool, mallId, generation, claimedUntil);
      claims.delete(`${mallId} ${generation}`);
    },
    async markState(mallId, generation, state) {
      await saveState(pool, mallId, generation, state, claims.get(`${mallId} ${generation}`) ?? null);
    },
  };
}

const credentialRow = z.object({
  cafe24_mall_id: z.string(),
  client_id: z.string(),
  client_secret: z.instanceof(Buffer),
  access_token: z.instanceof(Buffer).nullable(),
  access_expires_at: z.number().nullable(),
  refresh_token: z.instanceof(Buffer).nullable(),
  refresh_expires_at: z.number().nullable(),
  generation: z.number(),
  state: z.enum(CREDENTIAL_STATES),
});

async function loadCredential(pool: QueryPool, cipher: Cipher, mallId: number): Promise<Credential> {
  const row = await pool.maybeOne(sql.type(credentialRow)`
    select m.cafe24_mall_id, c.client_id, c.client_secret, c.access_token, c.access_expires_at,
      c.refresh_token, c.refresh_expires_at, c.generation, c.state
    from mallsync.tb_mall_credential c join mallsync.tb_mall_config m using (mall_id)
    where c.mall_id = ${mallId}`);
  if (row === null) {
    throw new TerminalError(
      'ConfigInvalid',
      `mall ${mallId} has no credential; import one with \`mallsync malls import\``,
    );
  }
  const open = (column: string, value: Buffer | null): string | null =>
    value === null ? null : cipher.decrypt(value, { mallId, column });
  return {
    mallId,
    cafe24MallId: row.cafe24_mall_id,
    clientId: row.client_id,
    clientSecret: cipher.decrypt(row.client_secret, { mallId, column: 'client_secret' }),
    accessToken: open('access_token', row.access_token),
    accessExpiresAtMs: row.access_expires_at,
    refreshToken: open('refresh_token', row.refresh_token),
    refreshExpiresAtMs: row.refresh_expires_at,
    generation: row.generation,
    state: row.state,
  };
}

const claimRow = z.object({
  claimed_until: z.string().nullable(),
  generation: z.number().nullable(),
  state: z.enum(CREDENTIAL_STATES).nullable(),
});

/**
 * One UPDATE is the judge: rivals queue on the row, and all but the first then see its claim. `claimed_until` is the
 * claim's own mark, by which it is given back.
 */
async function claimRefresh(
  pool: QueryPool,
  mallId: number,
  generation: number,
  claimSeconds: number,
): Promise<z.infer<typeof claimRow>> {
  return await pool.one(sql.type(claimRow)`
    with claimed as (
      update mallsync.tb_mall_credential
      set refreshing_until = clock_timestamp() + make_interval(secs => ${claimSeconds}::float8),
        last_tried_at = clock_timestamp()
      where mall_id = ${mallId} and generation = ${generation} and state = 'ACTIVE'
        and (refreshing_until is null or refreshing_until <= clock_timestamp())
      returning extract(epoch from refreshing_until)::text as until
    )
    select (select until from claimed) as claimed_until, c.generation, c.state
    from (select ${mallId}::bigint as mall_id) wanted left join mallsync.tb_mall_credential c using (mall_id)`);
}

function toRefreshClaim(row: z.infer<typeof claimRow>, generation: number): RefreshClaim {
  if (row.claimed_until !== null) return 'claimed';
  if (row.generation !== generation) return 'generation-moved';
  return row.state === 'ACTIVE' ? 'held-by-another' : 'not-active';
}

/** Stores the pair as the next generation of `generation`, or of whatever stands there when that is null. */
export async function saveTokenPair(
  { pool, cipher }: TokenStoreOptions,
  mallId: number,
  generation: number | null,
  pair: TokenPair,
): Promise<boolean> {
  const accessToken = cipher.encrypt(pair.accessToken, { mallId, column: 'access_token' });
  const refreshToken = cipher.encrypt(pair.refreshToken, { mallId, column: 'refresh_token' });
  const result = await pool.query(sql.unsafe`
    update mallsync.tb_mall_credential
    set access_token = ${sql.binary(accessToken)}, refresh_token = ${sql.binary(refreshToken)},
      access_expires_at = to_timestamp(${pair.accessExpiresAtMs}::float8 / 1000),
      refresh_expires_at = to_timestamp(${pair.refreshExpiresAtMs}::float8 / 1000),
      scopes = ${sql.array([...pair.scopes], 'text')}, key_id = ${cipher.keyId}, state = 'ACTIVE',
      generation = generation + 1, refreshing_until = null, last_refreshed_at = now(), updated_at = now()
    where mall_id = ${mallId} and generation = coalesce(${generation}::bigint, generation)`);
  return result.rowCount === 1;
}

async function releaseRefresh(pool: QueryPool, mallId: number, generation: number, until: string): Promise<void> {
  await pool.query(sql.unsafe`
    update mallsync.tb_mall_credential set refreshing_until = null
    where mall_id = ${mallId} and generation = ${generation} and extract(epoch from refreshing_until) = ${until}::numeric`);
}

/** `ownClaim` is given back; another's stays, since its call may still be under way. */
async function saveState(
  pool: QueryPool,
  mallId: number,
  generation: number,
  state: CredentialState,
  ownClaim: string | null,
): Promise<void> {
  await pool.query(sql.unsafe`
    update mallsync.tb_mall_credential
    set state = ${state}, last_tried_at = now(), updated_at = now(),
      refreshing_until = case when extract(epoch from refreshing_until) = ${ownClaim}::numeric then null
        else refreshing_until end
    where mall_id = ${mallId} and generation = ${generation}`);
}
