import { describe, expect, it } from 'vitest';
import { LeaseLostError, TerminalError } from '../../domain/errors.ts';
import { sqlStateOf, toDatabaseError } from './errors.ts';

function aServerError(code: string, extra: object = {}): Error {
  return Object.assign(new Error('text of the server'), { severity: 'ERROR', code, ...extra });
}

describe('toDatabaseError', () => {
  it.each(['57P01', '57P02', '57P03', '57014', '53300', '08006', '40001', '40P01', '55P03', '25P03', '25006', '58030'])(
    '%s may succeed when tried again',
    (code) => {
      expect(toDatabaseError(aServerError(code))).toMatchObject({ isTransient: true, reason: 'DatabaseUnavailable' });
    },
  );

  it.each(['28P01', '3D000', '42501', '42P01'])('%s is for a person to set right', (code) => {
    expect(toDatabaseError(aServerError(code))).toMatchObject({ isTransient: false, reason: 'ConfigInvalid' });
  });

  it.each(['42601', '42703', 'XX000', '22001', '23505', 'P0001'])('%s is a bug', (code) => {
    expect(toDatabaseError(aServerError(code))).toMatchObject({ isTransient: false, reason: 'Bug' });
  });

  it('tells nothing of the row that was refused', () => {
    const refused = aServerError('23505', {
      message: 'Key (email)=(kim@example.com) already exists',
      constraint: 'one_email',
    });
    expect(toDatabaseError(refused).message).toBe('PostgreSQL 23505 at one_email');
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND'])('a network failure with %s is transient', (code) => {
    expect(toDatabaseError(Object.assign(new Error('connect'), { code }))).toMatchObject({ isTransient: true });
  });

  it('finds the cause under wrappers and in bundles', () => {
    const wrapped = new Error('slonik', { cause: new Error('driver', { cause: aServerError('40P01') }) });
    expect(sqlStateOf(wrapped)).toBe('40P01');
    expect(toDatabaseError(wrapped)).toMatchObject({ isTransient: true, cause: wrapped });
    const bundle = new AggregateError([Object.assign(new Error('::1'), { code: 'ECONNREFUSED' })]);
    expect(toDatabaseError(bundle)).toMatchObject({ isTransient: true });
  });

  it('lets the program’s own errors pass, also wrapped ones', () => {
    const lost = new LeaseLostError('gone');
    expect(toDatabaseError(lost)).toBe(lost);
    const inner = new TerminalError('ConfigInvalid', 'no key');
    expect(toDatabaseError(new Error('slonik', { cause: inner }))).toBe(inner);
  });

  it('takes anything else for a bug and keeps it as the cause', () => {
    const thrown = new TypeError('x is undefined');
    expect(toDatabaseError(thrown)).toMatchObject({ reason: 'Bug', message: 'x is undefined', cause: thrown });
  });
});
