import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskRow } from './mask-row.ts';

describe('maskRow', () => {
  it('keeps the structure and the shape of the values', () => {
    expect(
      maskRow({
        member_id: 'demo_member_0001',
        email: 'kim@example.com',
        created_date: '2025-02-31T25:61:00+09:00',
        total_points: '12,34x',
        group_no: 17,
        sns_list: ['KAKAO(2024-01-02 03:04:05)'],
        name: { first: '김', nul: 'a\0b' },
        phone: null,
      }),
    ).toEqual({
      member_id: 'xxxx_xxxxxx_9999',
      email: 'xxx@xxxxxxx.xxx',
      created_date: '9999-99-99x99:99:99+99:99',
      total_points: '99,99x',
      group_no: 0,
      sns_list: ['xxxxx(9999-99-99 99:99:99)'],
      name: { first: 'x', nul: 'x?x' },
      phone: null,
    });
  });

  it('lets nothing of a text through but its shape', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(maskRow([text])).toEqual([expect.stringMatching(/^[x9?… !-/:-@[-`{-~]*$/)]);
      }),
    );
  });

  it('bounds what a broken row can blow up', () => {
    let deep: unknown = 'end';
    for (let i = 0; i < 10_000; i++) deep = [deep];
    expect(JSON.stringify(maskRow(deep))).toBe('[[[[[["…"]]]]]]');
    expect(maskRow('x'.repeat(400))).toBe(`${'x'.repeat(100)}…`);
    expect(maskRow(Array.from({ length: 500 }, () => 1))).toHaveLength(200);
  });

  it('hides a property name that is itself a value', () => {
    expect(maskRow({ 'kim@example.com': 1 })).toEqual({ '?': 0 });
  });
});
