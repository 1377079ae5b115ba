import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { EXECUTION_STATUSES } from '../../domain/execution.ts';
import { toSeoulTime } from '../../domain/seoul-time.ts';
import { parseInput, type BadInput } from '../bad-input.ts';
import { isNarrowed, RUN_SORTS, runListQuery, toRunFilter, type RunListQuery } from './query.ts';
import { toRunsLink } from './run-links.ts';

function parse(address: string): RunListQuery {
  const queries: Record<string, string[]> = {};
  for (const [name, value] of new URL(address, 'http://page').searchParams) (queries[name] ??= []).push(value);
  return parseInput(runListQuery, queries);
}

describe('the query of the list of runs', () => {
  it('takes a list repeated or with commas, each value once', () => {
    expect(parse('/runs?mall=3,7&mall=7&mall=+9+,')).toMatchObject({ mall: [3, 7, 9] });
  });

  it('takes what is blank for not given', () => {
    const query = parse('/runs?status=&q=+&start=&mall=%2C&unmended=');
    expect(isNarrowed(query)).toBe(false);
    expect(toRunFilter(query)).toEqual({});
  });

  it('takes a day for its first second, and at an end for its last', () => {
    const filter = toRunFilter(parse('/runs?start=2025-12-01&end=2025-12-17&since=2025-12-01T06:30&until=2025-12-01'));
    expect(filter).toEqual({
      period: { startDate: '2025-12-01T00:00:00', endDate: '2025-12-17T23:59:59' },
      requestedFromMs: Date.parse('2025-12-01T06:30:00+09:00'),
      requestedUntilMs: Date.parse('2025-12-02T00:00:00+09:00'),
    });
  });

  it.each([
    ['start=2025-02-29', 'start'],
    ['until=2025-12-01T24:00', 'until'],
    ['mall=0', 'mall.0'],
    ['mall=1e3', 'mall.0'],
    ['mall=1234567890123456', 'mall.0'],
    ['limit=0', 'limit'],
    ['q=a%00b', 'q'],
  ])('refuses %s', (query, field) => {
    expect(() => parse(`/runs?${query}`)).toThrow(expect.objectContaining({ field }) as BadInput);
  });

  it('is found again in the address that is made of it', () => {
    const time = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => toSeoulTime(seconds * 1_000));
    const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
    const text = fc
      .string({ minLength: 1, maxLength: 30 })
      .filter((word) => word.trim() === word && !word.includes('\0'));
    const query = fc.record({
      status: some(fc.uniqueArray(fc.constantFrom(...EXECUTION_STATUSES), { minLength: 1 })),
      domain: some(fc.uniqueArray(fc.constantFrom(...DOMAIN_TYPES), { minLength: 1 })),
      mall: some(fc.uniqueArray(fc.integer({ min: 1, max: 1e12 }), { minLength: 1 })),
      mallSync: some(text),
      start: some(time),
      until: some(time),
      unmended: some(fc.constant(true)),
      q: some(text),
      sort: some(fc.constantFrom(...RUN_SORTS.filter((sort) => sort !== 'failedFirst'))),
      limit: some(fc.integer({ min: 1, max: 200 })),
    });
    fc.assert(
      fc.property(query, (given) => {
        expect(parse(toRunsLink(given))).toEqual({ ...parse('/runs'), ...given });
      }),
    );
  });
});
