import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseKeyRing } from './key-ring.ts';

const keyA = randomBytes(32).toString('base64');
const keyB = randomBytes(32).toString('base64');

describe('key ring', () => {
  it('encrypts with the first key and knows the others', () => {
    const ring = parseKeyRing(`2026:${keyA}, 2025:${keyB}`);
    expect(ring.firstKeyId).toBe('2026');
    expect(ring.keyIds).toEqual(['2026', '2025']);
  });

  it('derives a key for each purpose that does not depend on the place in the list', () => {
    const ring = parseKeyRing(`a:${keyA},b:${keyB}`);
    const moved = parseKeyRing(`b:${keyB},a:${keyA}`);
    expect(ring.deriveKey('a', 'credential')).toEqual(moved.deriveKey('a', 'credential'));
    expect(ring.deriveKey('a', 'credential')).not.toEqual(ring.deriveKey('a', 'erased-member'));
    expect(ring.deriveKey('a', 'credential')).not.toEqual(ring.deriveKey('b', 'credential'));
  });

  it.each([
    ['', 'entry 1'],
    [keyA, 'entry 1'],
    [`a:${keyA},`, 'entry 2'],
    [`a:${keyA},a:${keyB}`, 'repeats the id a'],
    [`a b:${keyA}`, 'entry 1'],
    [`a:${randomBytes(16).toString('base64')}`, '32 bytes'],
    [`a:${keyA.slice(0, -2)}!!`, 'base64'],
  ])('refuses a faulty list without showing a key (%#)', (text, fault) => {
    let message = '';
    try {
      parseKeyRing(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(fault);
    expect(message).toContain('MALLSYNC_ENCRYPTION_KEYS');
    expect(message).not.toContain(keyA.slice(0, 12));
  });

  it('names the faults of all entries at once', () => {
    expect(() => parseKeyRing('x,y:short')).toThrow(/entry 1 .*; entry 2 /);
  });

  it('names a key that stored data needs and the ring lacks', () => {
    expect(() => parseKeyRing(`a:${keyA}`).deriveKey('old', 'credential')).toThrow(/lacks the key old/);
  });
});
