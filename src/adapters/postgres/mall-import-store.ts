import { createHash } from 'node:crypto';
import { sql, type CommonQueryMethods } from 'slonik';
import { z } from 'zod';
import { CREDENTIAL_STATES } from '../../domain/credential.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { Mall } from '../../domain/mall.ts';
import type { Cipher } from './cipher.ts';
import { buildMall, decideCredential, type CredentialPlan, type StoredCredential } from './mall-import-plan.ts';
import type { MallImport } from './mall-import.ts';
import { mallColumns, mallRow } from './mall-store.ts';
import type { QueryPool } from './pool.ts';

type Transaction = Pick<CommonQueryMethods, 'any' | 'anyFirst' | 'query'>;

export interface ImportedMall {
  readonly mallId: number;
  readonly mall: 'added' | 'updated' | 'unchanged';
  /** `keep`: a working pair stands and the file's other client or token was not taken; `absent`: the mall has none. */
  readonly credential: CredentialPlan['kind'];
}

export interface MallImporter {
  /**
   * Adds or updates the malls and their credentials, all or none. Importing the same list again changes nothing.
   * @throws TerminalError ConfigInvalid when a mall number or a Cafe24 mall id already means another mall.
   */
  importMalls(imports: readonly MallImport[], isForced: boolean): Promise<readonly ImportedMall[]>;
}

export interface MallImporterOptions {
  readonly pool: QueryPool;
  readonly cipher: Cipher;
}

export function createMallImporter({ pool, cipher }: MallImporterOptions): MallImporter {
  return {
    importMalls: (imports, isForced) =>
      pool.transaction(async (tx) => {
        const stored = await lockMalls(tx, imports);
        assertSameMalls(stored, imports);
        const changed = new Set(
          await saveMalls(
            tx,
            imports.map((row) => buildMall(stored.get(row.mallId), row)),
          ),
        );
        const credentials = await lockCredentials(tx, isForced ? null : cipher, imports);
        const plans = imports.map((row) => ({
          row,
          plan: decideCredential(credentials.get(row.mallId), row, isForced),
        }));
        await saveCredentials(
          tx,
          plans.map(({ row, plan }) => toCredentialWrite(cipher, row, plan)).filter((w) => w !== null),
        );
        return plans.map(({ row: { mallId }, plan }) => ({
          mallId,
          mall: !stored.has(mallId) ? 'added' : changed.has(mallId) ? 'updated' : 'unchanged',
          credential: plan.kind,
        }));
      }),
  };
}

/** All malls that an entry means by its number or by its Cafe24 id. */
async function lockMalls(tx: Transaction, imports: readonly MallImport[]): Promise<ReadonlyMap<number, Mall>> {
  const rows = await tx.any(sql.type(mallRow)`
    select ${mallColumns} from mallsync.tb_mall_config
    where mall_id = any(${sql.array(
      imports.map((row) => row.mallId),
      'int8',
    )})
      or cafe24_mall_id = any(${sql.array(
        imports.map((row) => row.cafe24MallId),
        'text',
      )})
    order by mall_id for update`);
  return new Map(rows.map((mall) => [mall.mallId, mall]));
}

function assertSameMalls(stored: ReadonlyMap<number, Mall>, imports: readonly MallImport[]): void {
  const ownerOf = new Map([...stored.values()].map((mall) => [mall.cafe24MallId, mall.mallId]));
  const faults: string[] = [];
  for (const { mallId, cafe24MallId } of imports) {
    const known = stored.get(mallId);
    const owner = ownerOf.get(cafe24MallId);
    if (known !== undefined && known.cafe24MallId !== cafe24MallId) {
      faults.push(
        `mall ${mallId} is ${known.cafe24MallId} and cannot become ${cafe24MallId}: give that mall a number of its own`,
      );
    } else if (owner !== undefined && owner !== mallId) {
      faults.push(`${cafe24MallId} is mall ${owner} already and cannot be mall ${mallId} too`);
    }
  }
  if (faults.length > 0) throw new TerminalError('ConfigInvalid', faults.join('\n  '));
}

const mallRecords = sql.fragment`as x (mall_id bigint, cafe24_mall_id text, name text, active boolean, shop_nos integer[],
  domain_types text[], labels jsonb, settings jsonb)`;

/** @returns the malls that were added or changed */
async function saveMalls(tx: Transaction, malls: readonly Mall[]): Promise<readonly number[]> {
  const records = malls.map((mall) => ({
    mall_id: mall.mallId,
    cafe24_mall_id: mall.cafe24MallId,
    name: mall.name,
    active: mall.active,
    shop_nos: mall.shopNos,
    domain_types: mall.domainTypes,
    labels: mall.labels,
    settings: mall.settings,
  }));
  return await tx.anyFirst(sql.type(z.object({ mall_id: z.number() }))`
    insert into mallsync.tb_mall_config as t (${mallColumns})
    select ${mallColumns} from jsonb_to_recordset(${JSON.stringify(records)}::jsonb) ${mallRecords} order by mall_id
    on conflict (mall_id) do update set name = excluded.name, active = excluded.active, shop_nos = excluded.shop_nos,
      domain_types = excluded.domain_types, labels = excluded.labels, settings = excluded.settings, updated_at = now()
    where (t.name, t.active, t.shop_nos, t.domain_types, t.labels, t.settings) is distinct from
      (excluded.name, excluded.active, excluded.shop_nos, excluded.domain_types, excluded.labels, excluded.settings)
    returning mall_id`);
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
  tx: Transaction,
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

function toCredentialWrite(cipher: Cipher, { mallId }: MallImport, plan: CredentialPlan): CredentialWrite | null {
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
async function saveCredentials(tx: Transaction, writes: readonly CredentialWrite[]): Promise<void> {
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
