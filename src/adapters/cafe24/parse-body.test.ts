import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseBody } from './parse-body.ts';

const LONG_TEXT = '가나다 },{"id":1, \\ " ]} '.repeat(40);

const row = fc.record({
  id: fc.integer(),
  text: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(LONG_TEXT)),
  items: fc.array(fc.record({ id: fc.integer(), name: fc.constantFrom('},{"id":', '한글', '\\"', '') }), {
    maxLength: 6,
  }),
});
const rest = fc.option(fc.record({ links: fc.array(fc.record({ id: fc.integer(), rel: fc.string() })) }), { nil: {} });

it('parses lists of any rows as JSON.parse does, whatever stands in and behind them', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), rest, (rows, tail) => {
      const many = Array.from({ length: 30 }, () => rows).flat();
      const text = JSON.stringify({ customers: many, ...tail });
      const body = Buffer.from(text);
      expect(parseBody(body)).toEqual(JSON.parse(text));
      expect(body.toString()).toBe(text);
    }),
    { numRuns: 60 },
  );
});

it('parses what is no list of rows, is short or holds rows of other keys', () => {
  const rows = Array.from({ length: 2_000 }, (_, id) => (id % 3 === 0 ? { name: LONG_TEXT, id } : { id, name: 'x' }));
  for (const document of [{ count: 5 }, { customers: [] }, { customers: rows }, rows, { a: { b: rows } }]) {
    expect(parseBody(Buffer.from(JSON.stringify(document)))).toEqual(document);
  }
  expect(parseBody(Buffer.from(JSON.stringify({ customers: rows }, null, 2)))).toEqual({ customers: rows });
});

it('throws a syntax error wherever a list is cut or spoilt', () => {
  const text = JSON.stringify({ customers: Array.from({ length: 3_000 }, (_, id) => ({ id, name: `name ${id}` })) });
  for (let end = 1; end < text.length; end += 997) {
    expect(() => parseBody(Buffer.from(text.slice(0, end)))).toThrow(SyntaxError);
    expect(() => parseBody(Buffer.from(`${text.slice(0, end)}{${text.slice(end)}`))).not.toThrow(TypeError);
  }
  expect(() => parseBody(Buffer.from(text.replace('"id":1500', '"id":15x0')))).toThrow(SyntaxError);
});
