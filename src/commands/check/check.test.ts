import { describe, expect, it } from 'vitest';
import { StoppedError } from '../../domain/errors.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { Check, Finding } from './check.ts';
import { runChecks, toCheckExitCode } from './check.ts';
import { renderChecks, toCheckDocument } from './check-text.ts';

const never = new AbortController().signal;
const GOOD: Finding = { exitCode: EXIT.ok, found: 'it is there' };
const AWAY: Finding = { exitCode: EXIT.unavailable, found: 'it is away', advice: 'start it' };
const FORBIDDEN: Finding = { exitCode: EXIT.permission, found: 'no right', advice: 'give it' };
const UNASKED: Finding = { exitCode: EXIT.ok, isSkipped: true, found: 'not asked', advice: 'say so' };
const WRONG: Finding = { exitCode: EXIT.config, found: 'it is\n  wrong' };

function check(name: string, finding: Finding | Error, more: Partial<Check> = {}): Check {
  return { name, run: () => (finding instanceof Error ? Promise.reject(finding) : Promise.resolve(finding)), ...more };
}

describe('the checks', () => {
  it('are all run in their order, whatever became of the first', async () => {
    const results = await runChecks([check('b', AWAY), check('a', GOOD), check('c', WRONG)], never);
    expect(results.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['b', 'failed'],
      ['a', 'passed'],
      ['c', 'failed'],
    ]);
  });

  it('skip what can see nothing without another that failed, and what nobody asked for', async () => {
    const seen = check('late', GOOD, { needs: 'middle' });
    const results = await runChecks(
      [check('first', AWAY), check('middle', GOOD, { needs: 'first' }), seen, check('asked', UNASKED)],
      never,
    );
    expect(results.map(({ outcome, found }) => `${outcome}: ${found}`)).toEqual([
      'failed: it is away',
      'skipped: cannot be told before first is right',
      'skipped: cannot be told before middle is right',
      'skipped: not asked',
    ]);
    expect(toCheckExitCode(results)).toBe(EXIT.unavailable);
    expect(await runChecks([check('middle', GOOD), seen], never)).toMatchObject([{}, { outcome: 'passed' }]);
  });

  it('go on behind a defect, which is told as one', async () => {
    const results = await runChecks([check('a', new Error('x is undefined\n at y')), check('b', GOOD)], never);
    expect(results).toMatchObject([
      { outcome: 'failed', exitCode: EXIT.bug, found: 'x is undefined' },
      { outcome: 'passed' },
    ]);
  });

  it('end at once when the program is stopped', async () => {
    const stopped = new StoppedError('SIGTERM');
    await expect(runChecks([check('a', GOOD)], AbortSignal.abort(stopped))).rejects.toBe(stopped);
  });

  it.each([
    [[], EXIT.ok],
    [[GOOD, GOOD], EXIT.ok],
    [[AWAY, GOOD], EXIT.unavailable],
    [[FORBIDDEN, AWAY], EXIT.permission],
    [[AWAY, WRONG, FORBIDDEN], EXIT.config],
  ])('have the exit code of what takes a person most: %j', async (findings, exitCode) => {
    const checks = findings.map((finding, index) => check(`c${index}`, finding));
    expect(toCheckExitCode(await runChecks(checks, never))).toBe(exitCode);
  });
});

describe('what the checks found', () => {
  it('is one line each and one for all', async () => {
    const checks = [check('database', GOOD), check('keys', WRONG), check('api', FORBIDDEN), check('more', UNASKED)];
    expect(renderChecks(await runChecks(checks, never))).toBe(
      [
        '✓ database  it is there',
        '✗ keys      it is wrong',
        '✗ api       no right; give it',
        '– more      not asked; say so',
        '2 of 4 are not right.\n',
      ].join('\n'),
    );
    expect(renderChecks(await runChecks([check('a', GOOD)], never))).toBe(
      '✓ a  it is there\nThis installation is sound.\n',
    );
    expect(renderChecks(await runChecks([check('a', AWAY)], never))).toMatch(/\n1 of 1 is not right\.\n$/);
  });

  it('is one document', async () => {
    const checks = [check('a', GOOD), check('b', AWAY)];
    const document = toCheckDocument(await runChecks(checks, never));
    expect(document).toEqual({
      isSound: false,
      checks: [
        { name: 'a', outcome: 'passed', found: 'it is there', advice: null },
        { name: 'b', outcome: 'failed', found: 'it is away', advice: 'start it' },
      ],
    });
    expect(toCheckDocument(await runChecks([check('a', UNASKED)], never))).toMatchObject({ isSound: true });
  });
});
