import type { ExitCode } from '../../domain/exit-code.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { firstLine } from '../explain-failure.ts';

/** What a check found: `EXIT.ok`, or the code that its fault stands for. */
export interface Finding {
  readonly exitCode: ExitCode;
  /** What it saw, as part of a sentence. */
  readonly found: string;
  /** What a person is to do, where `found` does not say it. */
  readonly advice?: string;
  /** Nobody asked for it. */
  readonly isSkipped?: boolean;
}

export interface Check {
  readonly name: string;
  /** Another check that has to have passed, since without it this one can see nothing. */
  readonly needs?: string;
  /** A fault is a Finding, too; it rejects for a defect of its own, or when it is cut short. */
  run(signal: AbortSignal): Promise<Finding>;
}

export interface CheckResult extends Omit<Finding, 'isSkipped'> {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
}

/** All checks in their order, each whatever became of the others. */
export async function runChecks(checks: readonly Check[], signal: AbortSignal): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const ground = results.find(({ name }) => name === check.needs);
    if (ground === undefined || ground.outcome === 'passed') results.push(await runOne(check, signal));
    else {
      const found = `cannot be told before ${ground.name} is right`;
      results.push({ name: check.name, outcome: 'skipped', exitCode: EXIT.ok, found });
    }
  }
  return results;
}

async function runOne(check: Check, signal: AbortSignal): Promise<CheckResult> {
  const { name } = check;
  try {
    signal.throwIfAborted();
    const { isSkipped = false, ...finding } = await check.run(signal);
    if (isSkipped) return { name, outcome: 'skipped', ...finding };
    return { name, outcome: finding.exitCode === EXIT.ok ? 'passed' : 'failed', ...finding };
  } catch (error) {
    signal.throwIfAborted();
    const found = firstLine(error instanceof Error ? error.message : String(error));
    return { name, outcome: 'failed', exitCode: EXIT.bug, found, advice: 'this is a defect of the program; report it' };
  }
}

/** What a person has to set right weighs more than what may pass by itself; the codes stand in that order. */
export function toCheckExitCode(results: readonly CheckResult[]): ExitCode {
  return results.map(({ exitCode }) => exitCode).reduce((worst, code) => (code > worst ? code : worst), EXIT.ok);
}
