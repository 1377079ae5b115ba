import { expect, it } from 'vitest';
import { toNameHash } from './name-hash.ts';

it('gives the same names on every machine, and others for what differs', () => {
  expect(toNameHash(['20251217', 1, 2])).toBe(toNameHash(['20251217', 1, 2]));
  const lists = [[1, 2], [2, 1], [12], [1, 20], [1], []];
  expect(new Set(lists.map(toNameHash)).size).toBe(lists.length);
  for (const list of lists) expect(toNameHash(list)).toMatch(/^[0-9a-z]{13}$/);
});
