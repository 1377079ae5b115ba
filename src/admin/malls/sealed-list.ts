import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { parseKeyRing } from '../../adapters/postgres/key-ring.ts';

/** A list to import on its way through the preview's form: whoever holds it cannot read the secrets in it. */
export interface SealedList {
  readonly content: unknown;
  readonly isForced: boolean;
}

export interface SealOptions {
  readonly encryptionKeys: string;
  /** Only the same visitor can use it. */
  readonly visitorName: string;
  readonly nowMs: number;
}

const ALGORITHM = 'aes-256-gcm';
const PURPOSE = 'page-import';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LIFETIME_MS = 30 * 60_000;

const sealedList = z.object({ content: z.unknown(), isForced: z.boolean(), sealedAtMs: z.number() });

export function sealList(list: SealedList, { encryptionKeys, visitorName, nowMs }: SealOptions): string {
  const ring = parseKeyRing(encryptionKeys);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, ring.deriveKey(ring.firstKeyId, PURPOSE), nonce);
  cipher.setAAD(Buffer.from(visitorName));
  const text = JSON.stringify({ ...list, sealedAtMs: nowMs });
  const body = Buffer.concat([cipher.update(deflateRawSync(text)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
}

/** Null for what is older than half an hour, another visitor's, altered, or sealed with a key that is gone. */
export function openList(sealed: string, { encryptionKeys, visitorName, nowMs }: SealOptions): SealedList | null {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return null;
  const ring = parseKeyRing(encryptionKeys);
  for (const keyId of ring.keyIds) {
    const text = decrypt(bytes, ring.deriveKey(keyId, PURPOSE), visitorName);
    if (text === null) continue;
    const { content, isForced, sealedAtMs } = sealedList.parse(JSON.parse(text));
    return nowMs - sealedAtMs > LIFETIME_MS ? null : { content, isForced };
  }
  return null;
}

function decrypt(bytes: Buffer, key: Buffer, visitorName: string): string | null {
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(visitorName));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const packed = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return inflateRawSync(packed).toString('utf8');
  } catch {
    return null;
  }
}
