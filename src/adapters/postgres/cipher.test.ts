import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCipher } from './cipher.ts';
import { parseKeyRing } from './key-ring.ts';

const keyA = `a:${randomBytes(32).toString('base64')}`;
const keyB = `b:${randomBytes(32).toString('base64')}`;
const cipher = createCipher(parseKeyRing(keyA));
const place = { mallId: 7, column: 'refresh_token' };

describe('cipher', () => {
  it('opens what it closed, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(cipher.decrypt(cipher.encrypt(text, place), place)).toBe(text);
      }),
    );
  });

  it('never makes the same ciphertext twice', () => {
    expect(cipher.encrypt('secret', place)).not.toEqual(cipher.encrypt('secret', place));
  });

  it('refuses a ciphertext moved to another mall or column', () => {
    const moved = cipher.encrypt('secret', place);
    expect(() => cipher.decrypt(moved, { ...place, mallId: 8 })).toThrow(/mall 8/);
    expect(() => cipher.decrypt(moved, { ...place, column: 'access_token' })).toThrow(/access_token/);
  });

  it('refuses a ciphertext with any byte altered, and keeps the secret out of the message', () => {
    const whole = cipher.encrypt('secret', place);
    for (let index = 0; index < whole.length; index += 1) {
      const altered = Buffer.from(whole);
      altered[index] = (altered[index] ?? 0) ^ 1;
      expect(() => cipher.decrypt(altered, place), `byte ${index}`).toThrow(/mall 7|lacks the key/);
    }
    expect(() => cipher.decrypt(whole.subarray(0, 20), place)).toThrow(/not an encrypted value/);
    expect(() => cipher.decrypt(Buffer.alloc(0), place)).toThrow(/not an encrypted value/);
  });

  it('opens old ciphertexts after a new key came first, and tells them apart', () => {
    const rotated = createCipher(parseKeyRing(`${keyB},${keyA}`));
    const old = cipher.encrypt('secret', place);
    expect(rotated.decrypt(old, place)).toBe('secret');
    expect(rotated.keyIdOf(old)).toBe('a');
    expect(rotated.keyIdOf(rotated.encrypt('secret', place))).toBe('b');
  });

  it('names the missing key when the ring has lost it', () => {
    const other = createCipher(parseKeyRing(keyB));
    expect(() => other.decrypt(cipher.encrypt('secret', place), place)).toThrow(/lacks the key a/);
  });

  it('refuses another key under the same id', () => {
    const impostor = createCipher(parseKeyRing(`a:${randomBytes(32).toString('base64')}`));
    expect(() => impostor.decrypt(cipher.encrypt('secret', place), place)).toThrow(/another key of that id/);
  });
});
