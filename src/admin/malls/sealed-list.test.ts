import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { openList, sealList } from './sealed-list.ts';

const newKey = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;
const KEYS = newKey('k1');
const OPTIONS = { encryptionKeys: KEYS, visitorName: 'kim', nowMs: 1_000_000 };
const LIST = { content: [{ mallId: 1, clientSecret: 'very secret' }], isForced: true };
const HALF_HOUR_MS = 30 * 60_000;

it('comes back as it was, for half an hour', () => {
  const sealed = sealList(LIST, OPTIONS);
  expect(openList(sealed, { ...OPTIONS, nowMs: OPTIONS.nowMs + HALF_HOUR_MS })).toEqual(LIST);
  expect(openList(sealed, { ...OPTIONS, nowMs: OPTIONS.nowMs + HALF_HOUR_MS + 1 })).toBeNull();
});

it('shows nothing of what is in it', () => {
  const sealed = sealList(LIST, OPTIONS);
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('very secret');
  expect(sealed).not.toBe(sealList(LIST, OPTIONS));
});

it('opens for no other visitor, with no other key, and not when it was altered', () => {
  const sealed = sealList(LIST, OPTIONS);
  const altered = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`;
  expect(openList(sealed, { ...OPTIONS, visitorName: 'lee' })).toBeNull();
  expect(openList(sealed, { ...OPTIONS, encryptionKeys: newKey('k1') })).toBeNull();
  expect(openList(altered, OPTIONS)).toBeNull();
  expect(openList('', OPTIONS)).toBeNull();
  expect(openList('not sealed at all, but long enough to be looked at', OPTIONS)).toBeNull();
});

it('opens after a new key was put in front', () => {
  const sealed = sealList(LIST, OPTIONS);
  expect(openList(sealed, { ...OPTIONS, encryptionKeys: `${newKey('k2')},${KEYS}` })).toEqual(LIST);
});
