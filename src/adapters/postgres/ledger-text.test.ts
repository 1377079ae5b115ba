import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toIdentityHash, toStorableJson, toStorableKey, toStorableText } from './ledger-text.ts';

describe('toStorableText', () => {
  it('holds nothing that PostgreSQL refuses, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), (text) => {
        const stored = toStorableText(text);
        expect(stored.includes('\0')).toBe(false);
        expect(stored.isWellFormed()).toBe(true);
        expect(stored.length).toBeLessThanOrEqual(2_000);
      }),
    );
  });

  it('leaves a harmless text as it is', () => {
    expect(toStorableText('김철수 👍')).toBe('김철수 👍');
  });
});

describe('toStorableKey', () => {
  it('gives null for a key that an index would not take', () => {
    expect(toStorableKey('1|abc')).toBe('1|abc');
    expect(toStorableKey(`1|${'k'.repeat(500)}`)).toBeNull();
  });
});

describe('toStorableJson', () => {
  it('cleans names and values at any depth', () => {
    expect(toStorableJson({ 'a\0': ['b\0', { c: '\ud800' }], d: 1n, e: null, f: undefined })).toBe(
      '{"a":["b",{"c":"\ufffd"}],"d":"1","e":null}',
    );
    expect(toStorableJson(undefined)).toBe('null');
  });
});

describe('toIdentityHash', () => {
  it('is equal for equal parts only', () => {
    expect(toIdentityHash(['a', { b: 1 }])).toBe(toIdentityHash(['a', { b: 1 }]));
    expect(toIdentityHash(['a', { b: 1 }])).not.toBe(toIdentityHash(['a', { b: 2 }]));
  });
});
