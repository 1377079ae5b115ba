import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineCutter } from './json-lines.ts';

function cut(text: string, cuts: readonly number[]): readonly string[] {
  const bytes = Buffer.from(text);
  const cutter = createLineCutter(1_000_000);
  const borders = [0, ...cuts.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return borders
    .slice(1)
    .flatMap((end, index) => cutter.push(bytes.subarray(borders[index], end)) ?? [])
    .map(String);
}

describe('the line cutter', () => {
  it('gives the same lines wherever the stream is cut, inside a character too', () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 9 })
      .map((text) => JSON.stringify({ name: text, 몰: '회원' }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (lines, cuts) => {
        expect(cut(lines.map((text) => `${text}\n`).join(''), cuts)).toEqual(lines);
      }),
    );
  });

  it('leaves out empty lines', () => {
    expect(cut('\na\n\nb\n', [])).toEqual(['a', 'b']);
  });

  it('keeps what has not ended', () => {
    const cutter = createLineCutter(100);
    expect(cutter.push(Buffer.from('a\nhalf'))?.map(String)).toEqual(['a']);
    expect(cutter.restBytes).toBe(4);
    expect(cutter.push(Buffer.from(' and half\n'))?.map(String)).toEqual(['half and half']);
    expect(cutter.restBytes).toBe(0);
  });

  it('takes a line of the limit and refuses one byte more, in one piece or in many', () => {
    const limit = 8;
    expect(createLineCutter(limit).push(Buffer.from('12345678\n'))).toHaveLength(1);
    expect(createLineCutter(limit).push(Buffer.from('123456789\n'))).toBeNull();
    const cutter = createLineCutter(limit);
    expect(cutter.push(Buffer.from('12345'))).toEqual([]);
    expect(cutter.push(Buffer.from('6789'))).toBeNull();
  });
});
