import { hkdfSync } from 'node:crypto';
import { TerminalError } from '../../domain/errors.ts';

const KEY_BYTES = 32;
const LONGEST_KEY_ID = 40;
const KEY_ID = /^[A-Za-z0-9._-]+$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** What a key may be used for; each use gets a key of its own derived from the ring's, so that none serves two ends. */
export type KeyPurpose = 'credential' | 'erased-member' | 'page-form' | 'page-password' | 'page-import';

/** The keys of MALLSYNC_ENCRYPTION_KEYS: the first encrypts, all decrypt. */
export interface KeyRing {
  readonly firstKeyId: string;
  readonly keyIds: readonly string[];
  /** @throws TerminalError ConfigInvalid when the ring has no such key. */
  deriveKey(keyId: string, purpose: KeyPurpose): Buffer;
}

/**
 * `id:base64(32 bytes)`, several divided by commas. Key material never gets into a message.
 * @throws TerminalError ConfigInvalid that names the fault of every entry at once.
 */
export function parseKeyRing(text: string): KeyRing {
  const keys = new Map<string, Buffer>();
  const faults: string[] = [];
  for (const [index, entry] of text.split(',').entries()) {
    const fault = addEntry(keys, entry.trim());
    if (fault !== undefined) faults.push(`entry ${index + 1} ${fault}`);
  }
  const [firstKeyId] = keys.keys();
  if (faults.length > 0 || firstKeyId === undefined) {
    throw new TerminalError(
      'ConfigInvalid',
      `MALLSYNC_ENCRYPTION_KEYS must be a list of id:base64(32 bytes) divided by commas: ${faults.join('; ')}`,
    );
  }
  return createKeyRing(firstKeyId, keys);
}

function addEntry(keys: Map<string, Buffer>, entry: string): string | undefined {
  const colon = entry.indexOf(':');
  if (colon < 1) return 'has no id before a colon';
  const keyId = entry.slice(0, colon);
  if (!KEY_ID.test(keyId) || keyId.length > LONGEST_KEY_ID) {
    return `has an id that is not 1 to ${LONGEST_KEY_ID} letters, digits, dots, dashes or underscores`;
  }
  if (keys.has(keyId)) return `repeats the id ${keyId}`;
  const encoded = entry.slice(colon + 1);
  const key = Buffer.from(encoded, 'base64');
  if (!BASE64.test(encoded) || key.length !== KEY_BYTES) return `(${keyId}) is not base64 of ${KEY_BYTES} bytes`;
  keys.set(keyId, key);
  return undefined;
}

function createKeyRing(firstKeyId: string, keys: ReadonlyMap<string, Buffer>): KeyRing {
  const derived = new Map<string, Buffer>();
  return {
    firstKeyId,
    keyIds: [...keys.keys()],
    deriveKey(keyId, purpose) {
      const name = `${purpose} ${keyId}`;
      const known = derived.get(name);
      if (known !== undefined) return known;
      const key = keys.get(keyId);
      if (key === undefined) {
        throw new TerminalError(
          'ConfigInvalid',
          `MALLSYNC_ENCRYPTION_KEYS lacks the key ${keyId}, which stored data needs; put it back behind the first key`,
        );
      }
      const derivedKey = Buffer.from(hkdfSync('sha256', key, '', `mallsync/${purpose}`, KEY_BYTES));
      derived.set(name, derivedKey);
      return derivedKey;
    },
  };
}
