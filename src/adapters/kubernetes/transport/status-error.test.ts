import { describe, expect, it } from 'vitest';
import { toStatusError } from './status-error.ts';

describe('an answer that is no success', () => {
  it.each([
    [400, 'BadRequest', 'invalid'],
    [401, 'Unauthorized', 'unauthorized'],
    [403, 'Forbidden', 'forbidden'],
    [404, 'NotFound', 'not-found'],
    [405, 'MethodNotAllowed', 'invalid'],
    [409, 'AlreadyExists', 'already-exists'],
    [409, 'Conflict', 'conflict'],
    [410, 'Gone', 'gone'],
    [410, 'Expired', 'gone'],
    [413, 'RequestEntityTooLarge', 'invalid'],
    [415, 'UnsupportedMediaType', 'invalid'],
    [422, 'Invalid', 'invalid'],
    [429, 'TooManyRequests', 'throttled'],
    [500, 'InternalError', 'unavailable'],
    [502, '', 'unavailable'],
    [503, 'ServiceUnavailable', 'unavailable'],
    [504, 'Timeout', 'timeout'],
  ])('%i %s means %s', (status, reason, kind) => {
    const error = toStatusError(status, { kind: 'Status', reason, message: 'why' });
    expect(error).toMatchObject({ kind, status, message: 'why', retryAfterMs: undefined });
  });

  it('keeps its meaning without a Status object', () => {
    expect(toStatusError(503, null)).toMatchObject({ kind: 'unavailable', message: 'the API server answered 503' });
    expect(toStatusError(404, '<html>')).toMatchObject({ kind: 'not-found' });
    expect(toStatusError(409, { reason: 7, message: [] })).toMatchObject({ kind: 'conflict' });
  });

  it('says when to ask again', () => {
    expect(toStatusError(429, null, '3').retryAfterMs).toBe(3_000);
    expect(toStatusError(503, null, ' 0 ').retryAfterMs).toBe(0);
    expect(toStatusError(429, null, 'soon').retryAfterMs).toBeUndefined();
    expect(toStatusError(429, null, '-1').retryAfterMs).toBeUndefined();
  });

  it('says when the namespace is being deleted', () => {
    const causes = [{ reason: 'NamespaceTerminating', message: 'namespace x is being terminated' }];
    const body = { reason: 'Forbidden', message: 'why', details: { name: 'x', causes } };
    expect(toStatusError(403, body)).toMatchObject({ kind: 'forbidden', isNamespaceEnding: true });
    expect(toStatusError(403, { ...body, details: { name: 'x' } })).toMatchObject({ isNamespaceEnding: false });
  });

  it('is cut to a length that fits a condition', () => {
    expect(toStatusError(422, { message: 'x'.repeat(5_000) }).message).toHaveLength(1_000);
  });
});
