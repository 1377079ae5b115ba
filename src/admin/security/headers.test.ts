import { expect, it } from 'vitest';
import { toFormTarget } from './headers.ts';

it.each([
  ['https://{mall_id}.cafe24api.com', 'https://*.cafe24api.com'],
  ['http://127.0.0.1:18080/{mall_id}', 'http://127.0.0.1:18080'],
  ['https://api.example.com/x/{mall_id}/y', 'https://api.example.com'],
])('a form that goes on to the consent of %s may lead to %s', (template, target) => {
  expect(toFormTarget(template)).toBe(target);
});
