import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { TerminalError } from '../../domain/errors.ts';
import type { KeyRing } from './key-ring.ts';

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 1;
const HEADER_BYTES = 2;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Where a ciphertext lives. It opens nowhere else, so that a secret cannot be copied to another mall or column. */
export interface CipherPlace {
  readonly mallId: number;
  readonly column: string;
}

export interface Cipher {
  /** The key that encrypts. */
  readonly keyId: string;
  encrypt(plaintext: string, place: CipherPlace): Buffer;
  /** @throws TerminalError ConfigInvalid when the key is missing from the ring or the ciphertext is not of this place. */
  decrypt(ciphertext: Buffer, place: CipherPlace): string;
  /** The key that made a ciphertext, which need not be in the ring. */
  keyIdOf(ciphertext: Buffer): string;
}

/** AES-256-GCM. A ciphertext is: format byte, length of key id, key id, nonce, tag, encrypted text. */
export function createCipher(ring: KeyRing): Cipher {
  return {
    keyId: ring.firstKeyId,
    encrypt(plaintext, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, ring.deriveKey(ring.firstKeyId, 'credential'), nonce);
      cipher.setAAD(toAssociatedData(place));
      const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      const keyId = Buffer.from(ring.firstKeyId);
      return Buffer.concat([Buffer.from([FORMAT, keyId.length]), keyId, nonce, cipher.getAuthTag(), body]);
    },
    decrypt(ciphertext, place) {
      const { keyId, nonce, tag, body } = parseCiphertext(ciphertext, place);
      const decipher = createDecipheriv(ALGORITHM, ring.deriveKey(keyId, 'credential'), nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(toAssociatedData(place));
      decipher.setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new TerminalError(
          'ConfigInvalid',
          `${place.column} of mall ${place.mallId} does not open with the key ${keyId}: MALLSYNC_ENCRYPTION_KEYS holds another key of that id, or the value was altered`,
          { cause },
        );
      }
    },
    keyIdOf: readKeyId,
  };
}

function toAssociatedData(place: CipherPlace): Buffer {
  return Buffer.from(`mallsync/${FORMAT}/${place.mallId}/${place.column}`);
}

function readKeyId(ciphertext: Buffer): string {
  return ciphertext.subarray(HEADER_BYTES, HEADER_BYTES + (ciphertext[1] ?? 0)).toString();
}

interface CiphertextParts {
  readonly keyId: string;
  readonly nonce: Buffer;
  readonly tag: Buffer;
  readonly body: Buffer;
}

function parseCiphertext(ciphertext: Buffer, place: CipherPlace): CiphertextParts {
  const keyId = readKeyId(ciphertext);
  const nonceAt = HEADER_BYTES + keyId.length;
  const bodyAt = nonceAt + NONCE_BYTES + TAG_BYTES;
  if (ciphertext[0] !== FORMAT || keyId === '' || ciphertext.length < bodyAt) {
    throw new TerminalError('ConfigInvalid', `${place.column} of mall ${place.mallId} is not an encrypted value`);
  }
  return {
    keyId,
    nonce: ciphertext.subarray(nonceAt, nonceAt + NONCE_BYTES),
    tag: ciphertext.subarray(nonceAt + NONCE_BYTES, bodyAt),
    body: ciphertext.subarray(bodyAt),
  };
}
