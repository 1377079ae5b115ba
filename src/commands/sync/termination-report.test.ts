import { expect, it } from 'vitest';
import { TerminalError } from '../../domain/errors.ts';
import { renderTermination } from './termination-report.ts';

it('stays under what Kubernetes keeps, however long the failure’s message is', () => {
  const error = new TerminalError('UpstreamContract', '없'.repeat(20_000));
  const text = renderTermination({ exitCode: 65, error });
  expect(Buffer.byteLength(text)).toBeLessThan(4_096);
  expect(JSON.parse(text)).toMatchObject({ exitCode: 65, failureReason: 'UpstreamContract' });
});

it('calls an error that nobody foresaw a Bug', () => {
  expect(JSON.parse(renderTermination({ exitCode: 70, error: new RangeError('oops') }))).toEqual({
    exitCode: 70,
    failureReason: 'Bug',
    failureMessage: 'oops',
  });
});
