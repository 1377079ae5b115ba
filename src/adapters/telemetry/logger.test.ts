import { describe, expect, it } from 'vitest';
import { TransientError } from '../../domain/errors.ts';
import { toLoggedError } from './logged-error.ts';
import { createLogger } from './logger.ts';
import type { LoggerOptions } from './logger.ts';

function capture(options: Pick<LoggerOptions, 'format' | 'level'>): {
  readonly lines: string[];
  readonly log: ReturnType<typeof createLogger>;
} {
  const lines: string[] = [];
  return { lines, log: createLogger({ ...options, write: (line) => lines.push(line) }) };
}

describe('createLogger', () => {
  it('writes one JSON line an event', () => {
    const { lines, log } = capture({ format: 'json', level: 'info' });
    log.info('execution ended', { mallId: 3 });
    log.debug('page committed');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', msg: 'execution ended', mallId: 3 });
  });

  it('takes secrets out at any depth it is given them', () => {
    const { lines, log } = capture({ format: 'json', level: 'info' });
    const pair = { accessToken: 's3cret', refreshToken: 's3cret' };
    const fields = {
      ...pair,
      credential: pair,
      mall: { credential: { clientSecret: 's3cret' } },
      databaseUrl: 's3cret',
    };
    // @ts-expect-error -- none of these is a field of the vocabulary
    log.info('x', fields);
    expect(lines[0]).not.toContain('s3cret');
    expect(lines[0]).toContain('[secret]');
  });

  it('logs of an error its word, message and causes, and no other property', () => {
    const { lines, log } = capture({ format: 'json', level: 'info' });
    const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (email)=(kim@example.com)' });
    log.error('write failed', { error: new TransientError('DatabaseUnavailable', 'write failed', { cause }) });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      error: { reason: 'DatabaseUnavailable', cause: { message: 'duplicate key', code: '23505' } },
    });
    expect(lines[0]).not.toContain('kim@example.com');
  });

  it('logs an error of a thread as the thread has told it', () => {
    const { lines, log } = capture({ format: 'json', level: 'info' });
    const error = new TransientError('DatabaseUnavailable', 'write failed', { cause: new Error('no answer') });
    log.error('write failed', { error });
    log.error('write failed', { error: structuredClone(toLoggedError(error)) });
    const [own, told] = lines.map((line) => (JSON.parse(line) as { error: unknown }).error);
    expect(told).toEqual(own);
    expect(told).toMatchObject({
      reason: 'DatabaseUnavailable',
      message: 'write failed',
      cause: { message: 'no answer' },
    });
  });

  it('writes text lines for a person', () => {
    const { lines, log } = capture({ format: 'text', level: 'info' });
    log.warn('call is tried again', { mallId: 3, reason: 'two words', error: new Error('no answer') });
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d warn {2}call is tried again mallId=3 reason="two words" error="no answer"\n$/,
    );
  });
});
