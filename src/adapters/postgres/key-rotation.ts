import { sql } from 'slonik';
import { z } from 'zod';
import type { Cipher } from './cipher.ts';
import type { QueryPool } from './pool.ts';

const BATCH = 100;

export interface RotationResult {
  /** Malls whose credential was encrypted anew. */
  readonly rotated: number;
  /** Malls whose credential was the first key's already. */
  readonly current: number;
}

/** How many malls, and how many erased members, still need a key. It may leave the ring when both are 0. */
export interface KeyUse {
  readonly keyId: string;
  readonly credentials: number;
  /** These cannot be rotated: of the member nothing but the hash is kept. */
  readonly erasedMembers: number;
}

/**
 * Encrypts every credential with the first key of the ring. It goes by what each ciphertext says of itself, so it can be
 * cut short and run again, and a credential that a refresh changes meanwhile is taken up again.
 */
export async function rotateKeys(pool: QueryPool, cipher: Cipher, signal: AbortSignal): Promise<RotationResult> {
  let rotated = 0;
  let current = 0;
  for await (const secrets of readAllSecrets(pool)) {
    signal.throwIfAborted();
    if (await rotateMall(pool, cipher, secrets)) rotated += 1;
    else current += 1;
  }
  return { rotated, current };
}

/** In order of key id; keys that nothing needs are left out. */
export async function loadKeyUse(pool: QueryPool, cipher: Cipher): Promise<readonly KeyUse[]> {
  const credentials = new Map<string, number>();
  for await (const secrets of readAllSecrets(pool)) {
    for (const keyId of listKeyIds(cipher, secrets)) credentials.set(keyId, (credentials.get(keyId) ?? 0) + 1);
  }
  const erased = new Map((await loadErasedKeyUse(pool)).map((row) => [row.key_id, row.members]));
  return [...new Set([...credentials.keys(), ...erased.keys()])].toSorted().map((keyId) => ({
    keyId,
    credentials: credentials.get(keyId) ?? 0,
    erasedMembers: erased.get(keyId) ?? 0,
  }));
}

/** @returns whether there was something to rotate */
async function rotateMall(pool: QueryPool, cipher: Cipher, found: Secrets): Promise<boolean> {
  for (let secrets: Secrets | undefined = found; secrets !== undefined;) {
    const keyIds = listKeyIds(cipher, secrets);
    if (keyIds.size === 1 && keyIds.has(cipher.keyId)) return secrets !== found;
    if (await replaceSecrets(pool, secrets, encryptAnew(cipher, secrets), cipher.keyId)) return true;
    [secrets] = await loadSecrets(pool, found.mall_id - 1, 1);
    if (secrets?.mall_id !== found.mall_id) return false;
  }
  return false;
}

const secretsRow = z.object({
  mall_id: z.number(),
  client_secret: z.instanceof(Buffer),
  access_token: z.instanceof(Buffer).nullable(),
  refresh_token: z.instanceof(Buffer).nullable(),
});
export type Secrets = z.infer<typeof secretsRow>;

function listKeyIds(cipher: Cipher, secrets: Secrets): ReadonlySet<string> {
  const stored = [secrets.client_secret, secrets.access_token, secrets.refresh_token];
  return new Set(stored.filter((secret) => secret !== null).map((secret) => cipher.keyIdOf(secret)));
}

function encryptAnew(cipher: Cipher, secrets: Secrets): Secrets {
  const anew = (column: string, secret: Buffer): Buffer => {
    const place = { mallId: secrets.mall_id, column };
    return cipher.encrypt(cipher.decrypt(secret, place), place);
  };
  return {
    mall_id: secrets.mall_id,
    client_secret: anew('client_secret', secrets.client_secret),
    access_token: secrets.access_token && anew('access_token', secrets.access_token),
    refresh_token: secrets.refresh_token && anew('refresh_token', secrets.refresh_token),
  };
}

/** Every mall's credential as it is stored, in order of mall. */
export async function* readAllSecrets(pool: QueryPool): AsyncGenerator<Secrets> {
  for (let batch = await loadSecrets(pool, 0, BATCH); batch.length > 0;) {
    yield* batch;
    batch = await loadSecrets(pool, batch.at(-1)?.mall_id ?? 0, BATCH);
  }
}

async function loadSecrets(pool: QueryPool, afterMallId: number, limit: number): Promise<readonly Secrets[]> {
  return await pool.any(sql.type(secretsRow)`
    select mall_id, client_secret, access_token, refresh_token from mallsync.tb_mall_credential
    where mall_id > ${afterMallId} order by mall_id limit ${limit}`);
}

/** False when the credential has changed since it was read. */
async function replaceSecrets(pool: QueryPool, old: Secrets, anew: Secrets, keyId: string): Promise<boolean> {
  const result = await pool.query(sql.unsafe`
    update mallsync.tb_mall_credential
    set client_secret = ${sql.binary(anew.client_secret)}, access_token = ${toBinary(anew.access_token)},
      refresh_token = ${toBinary(anew.refresh_token)}, key_id = ${keyId}
    where mall_id = ${old.mall_id} and client_secret = ${sql.binary(old.client_secret)}
      and access_token is not distinct from ${toBinary(old.access_token)}
      and refresh_token is not distinct from ${toBinary(old.refresh_token)}`);
  return result.rowCount === 1;
}

function toBinary(secret: Buffer | null) {
  return secret === null ? null : sql.binary(secret);
}

/** The keys that erased members need, and how many do. */
export async function loadErasedKeyUse(pool: QueryPool) {
  return await pool.any(sql.type(z.object({ key_id: z.string(), members: z.number() }))`
    select key_id, count(*) as members from mallsync.tb_erased_member group by key_id`);
}
