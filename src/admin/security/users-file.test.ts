import { describe, expect, it } from 'vitest';
import { UNMATCHABLE_HASH } from './scrypt.ts';
import { parseUsers } from './users-file.ts';

describe('the lines of the users file', () => {
  it('give each name its role, whether it has a password or comes by a proxy', () => {
    const users = parseUsers(`# who may\n\nann:viewer:${UNMATCHABLE_HASH}\r\n  bo@example.com:admin:-  \n`);
    expect([...users.values()].map(({ name, role, passwordHash }) => [name, role, passwordHash])).toEqual([
      ['ann', 'viewer', UNMATCHABLE_HASH],
      ['bo@example.com', 'admin', null],
    ]);
  });

  it.each([
    ['ann:king:-', 'line 1 has a role other than viewer, operator, admin'],
    ['ann:admin:secret', 'line 1 has a hash that `mallsync admin-user` did not make'],
    ['ann:viewer:-\nann:admin:-', 'line 2 repeats ann'],
    ['ann', 'line 1 has a role'],
    ['a b:viewer:-', 'line 1 is not name:role:hash'],
    ['ann:viewer:-:x', 'line 1 is not name:role:hash'],
  ])('are refused with their number: %j', (text, fault) => {
    expect(() => parseUsers(text)).toThrow(fault);
  });

  it('never show a hash in what is said of them', () => {
    const broken = UNMATCHABLE_HASH.replace('$15$', '$99$');
    expect(() => parseUsers(`ann:admin:${broken}`)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('$99$') }),
    );
  });
});
