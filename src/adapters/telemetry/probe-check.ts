import type { Clock } from '../../domain/clock.ts';

/** One question that a probe asks. */
export interface ProbeCheck {
  /** In lower case with hyphens. */
  readonly name: string;
  /**
   * Null when all is well, else what is wrong, in words that anyone may read. One that rejects has failed, and what it
   * rejects with is told to nobody.
   */
  run(signal: AbortSignal): Promise<string | null> | string | null;
}

export interface ProbeReport {
  readonly isPassed: boolean;
  /** One line a check and one for all, as the API server words its own. */
  readonly text: string;
}

/** Shorter than the 3 s that a probe is to be given. */
const PATIENCE_MS = 2_500;

/** Asks all checks at once. One that does not answer in time has failed, so that the others are heard. */
export async function runChecks(
  probe: string,
  checks: readonly ProbeCheck[],
  clock: Pick<Clock, 'sleep'>,
): Promise<ProbeReport> {
  const faults = await Promise.all(checks.map((check) => runCheck(check, clock)));
  const lines = checks.map(({ name }, index) => {
    const fault = faults[index] ?? null;
    return fault === null ? `[+]${name} ok` : `[-]${name} failed: ${fault}`;
  });
  const isPassed = faults.every((fault) => fault === null);
  return { isPassed, text: `${[...lines, `${probe} check ${isPassed ? 'passed' : 'failed'}`].join('\n')}\n` };
}

async function runCheck(check: ProbeCheck, clock: Pick<Clock, 'sleep'>): Promise<string | null> {
  const end = new AbortController();
  const late = clock.sleep(PATIENCE_MS, end.signal).then(() => `no answer within ${PATIENCE_MS} ms`);
  try {
    return await Promise.race([late, ask(check, end.signal)]);
  } catch {
    return 'reason withheld';
  } finally {
    end.abort();
  }
}

/** A check that throws at once fails like one that rejects. */
async function ask(check: ProbeCheck, signal: AbortSignal): Promise<string | null> {
  return await check.run(signal);
}
