import { expect, it } from 'vitest';
import { parsePastedCode } from './pasted-code.ts';

it('takes the code alone or the whole address that the consent led to', () => {
  expect(parsePastedCode(' abc\n', 's1')).toBe('abc');
  expect(parsePastedCode('https://example.com/back?code=abc&state=s1', 's1')).toBe('abc');
  expect(parsePastedCode('https://example.com/back?code=abc&state=other', null)).toBe('abc');
});

it('refuses the address of another consent, and one that says no', () => {
  expect(() => parsePastedCode('https://example.com/back?code=abc&state=other', 's1')).toThrow(/state is another’s/);
  expect(() => parsePastedCode('https://example.com/back?error=access_denied&state=s1', 's1')).toThrow(/access_denied/);
});
