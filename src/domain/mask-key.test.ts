import { describe, expect, it } from 'vitest';
import { maskKey } from './mask-key.ts';

describe('masked row key', () => {
  it.each([
    ['1|demo_member_0001', '1|d***'],
    ['12|k|i|m', '12|k***'],
    ['someone', 's***'],
    ['1|', '1|'],
    ['1|김철수', '1|김***'],
  ])('hides the member in %s', (key, masked) => {
    expect(maskKey('MEMBER', key)).toBe(masked);
  });

  it('keeps the keys of orders and hours, which name nobody', () => {
    expect(maskKey('ORDER', '1|20250302-0000017')).toBe('1|20250302-0000017');
    expect(maskKey('SALES', '1|2025-03-02|13')).toBe('1|2025-03-02|13');
  });
});
