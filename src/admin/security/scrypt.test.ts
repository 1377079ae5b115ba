import { describe, expect, it } from 'vitest';
import { hashPassword, isPasswordHash, UNMATCHABLE_HASH, verifyPassword } from './scrypt.ts';

describe('a password’s hash', () => {
  it('fits its password and no other, and is another one each time', async () => {
    const [first, second] = [await hashPassword('비밀번호 열두 글자'), await hashPassword('비밀번호 열두 글자')];
    expect(first).not.toBe(second);
    expect(await verifyPassword('비밀번호 열두 글자', first)).toBe(true);
    // the same letters as another keyboard composes them
    expect(await verifyPassword('비밀번호 열두 글자'.normalize('NFD'), second)).toBe(true);
    expect(await verifyPassword('비밀번호 열두 글자 ', first)).toBe(false);
  });

  it('that stands for nobody fits nothing', async () => {
    expect(isPasswordHash(UNMATCHABLE_HASH)).toBe(true);
    expect(await verifyPassword('', UNMATCHABLE_HASH)).toBe(false);
  });

  it.each([
    '',
    '-',
    'scrypt$15$8$3$$',
    UNMATCHABLE_HASH.replace('$15$', '$10$'),
    UNMATCHABLE_HASH.replace('$15$', '$22$'),
    UNMATCHABLE_HASH.replace('$8$', '$99$'),
    UNMATCHABLE_HASH.slice(0, -4),
  ])('is none when it is cut, cheap or ruinous: %s', async (text) => {
    expect(isPasswordHash(text)).toBe(false);
    expect(await verifyPassword('', text)).toBe(false);
  });
});
