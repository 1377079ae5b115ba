import { createHash } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import { CREDENTIAL_STATES } from '../../domain/credential.ts';
import type { Cipher } from './cipher.ts';
import { decideCredential, type CredentialPlan, type StoredCredential } from './mall-import-plan.ts';
import type { MallImport } from './mall-import.ts';
import type { Queries } from './pool.ts';

export interface PlannedCredential {
  readonly mallId: number;
  readonly plan: CredentialPlan;
}

/** Locks what is stored until the transaction ends; one plan for each entry, in their order. */
export async function planCredentials(
  tx: Queries,
  cipher: Cipher,
  imports: readonly MallImport[],
  isForced: boolean,
): Promise<readonly PlannedCredential[]> {
  const stored = await lockCredentials(tx, isForced ? null : cipher, imports);
  return imports.map((row) => ({
    mallId: row.mallId,
    plan: decideCredential(stored.get(row.mallId), row, isForced),
  }));
}

const lockedCredentialRow = z.object({
  mall_id: z.number(),
  client_id: z.string(),
  client_secret: z.instanceof(Buffer),
  state: z.enum(CREDENTIAL_STATES),
  is_proven: z.boolean(),
  imported_token_hash: z.instanceof(Buffer).nullable(),
});

/** Without a cipher no stored secret is read, so that a forced import also mends what no key opens any more. */
async function lockCredentials(
  tx: Queries,
  cipher: Cipher | null,
  imports: readonly MallImport[],
): Promise<ReadonlyMap<number, StoredCredential>> {
  const rows = await tx.any(sql.type(lockedCredentialRow)`
    select mall_id, client_id, client_secret, state, imported_token_hash,
      coalesce(access_token is not null and refresh_expires_at > now(), false) as is_proven
    from mallsync.tb_mall_credential
    where mall_id = any(${sql.array(
      imports.map((row) => row.mallId),
      'int8',
    )}) order by mall_id for update`);
  const tokens = new Map(imports.map((row) => [row.mallId, row.refreshToken]));
  return new Map(rows.map((row) => [row.mall_id, toStoredCredential(cipher, row, tokens.get(row.mall_id))]));
}

function toStoredCredential(
  cipher: Cipher | null,
  row: z.infer<typeof lockedCredentialRow>,
  importedToken: string | undefined,
): StoredCredential {
  return {
    clientId: row.client_id,
    clientSecret: cipher?.decrypt(row.client_secret, { mallId: row.mall_id, column: 'client_secret' }) ?? null,
    state: row.state,
    isProven: row.is_proven,
    isSameImport: importedToken !== undefined && row.imported_token_hash?.equals(hashToken(importedToken)) === true,
  };
}

/** A refresh token is random enough that its plain hash tells nothing about it. */
function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

interface CredentialWrite {
  readonly mall_id: number;
  readonly client_id: string;
  readonly client_secret: string;
  readonly refresh_token: string | null;
  readonly imported_token_hash: string | null;
  readonly key_id: string;
  readonly state: 'ACTIVE' | 'NEEDS_CONSENT';
  readonly resets_tokens: boolean;
}

function toCredentialWrite(cipher: Cipher, { mallId, plan }: PlannedCredential): CredentialWrite | null {
  if (!('client' in plan)) return null;
  const token = plan.kind === 'update-secret' ? null : plan.refreshToken;
  const encrypt = (column: string, value: string): string => cipher.encrypt(value, { mallId, column }).toString('hex');
  return {
    mall_id: mallId,
    client_id: plan.client.clientId,
    client_secret: encrypt('client_secret', plan.client.clientSecret),
    refresh_token: token === null ? null : encrypt('refresh_token', token),
    imported_token_hash: token === null ? null : hashToken(token).toString('hex'),
    key_id: cipher.keyId,
    state: token === null ? 'NEEDS_CONSENT' : 'ACTIVE',
    resets_tokens: plan.kind !== 'update-secret',
  };
}

/** A token that is brought in starts a new generation, so that a refresh under way with the old one stores nothing. */
export async function saveCredentials(
  tx: Queries,
  cipher: Cipher,
  planned: readonly PlannedCredential[],
): Promise<void> {
  const writes = planned.map((item) => toCredentialWrite(cipher, item)).filter((write) => write !== null);
  const [resets, secrets] = [writes.filter((row) => row.resets_tokens), writes.filter((row) => !row.resets_tokens)];
  await tx.query(sql.unsafe`
    insert into mallsync.tb_mall_credential as t
      (mall_id, client_id, client_secret, refresh_token, imported_token_hash, key_id, state)
    select mall_id, client_id, decode(client_secret, 'hex'), decode(refresh_token, 'hex'),
      decode(imported_token_hash, 'hex'), key_id, state
    from jsonb_to_recordset(${JSON.stringify(resets)}::jsonb) as x (mall_id bigint, client_id text, client_secret text,
      refresh_token text, imported_token_hash text, key_id text, state text)
    on conflict (mall_id) do update set client_id = excluded.client_id, client_secret = excluded.client_secret,
      refresh_token = excluded.refresh_token, imported_token_hash = excluded.imported_token_hash,
      key_id = excluded.key_id, state = excluded.state, generation = t.generation + 1, access_token = null,
      access_expires_at = null, refresh_expires_at = null, refreshing_until = null, last_refreshed_at = null,
      scopes = '{}', updated_at = now()`);
  await tx.query(sql.unsafe`
    update mallsync.tb_mall_credential t set client_secret = decode(x.client_secret, 'hex'), updated_at = now()
    from jsonb_to_recordset(${JSON.stringify(secrets)}::jsonb) as x (mall_id bigint, client_secret text)
    where t.mall_id = x.mall_id`);
}
