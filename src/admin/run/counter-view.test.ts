import { expect, it } from 'vitest';
import { toBytesText } from './counter-view.ts';

it.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 KiB'],
  [76_083, '74.3 KiB'],
  [300 * 1_024, '300 KiB'],
  [5 * 1_024 ** 4, '5.0 TiB'],
  [5_000 * 1_024 ** 4, '5000 TiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(toBytesText(bytes)).toBe(text);
});
