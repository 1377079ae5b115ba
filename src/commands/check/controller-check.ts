import { EXIT } from '../../domain/exit-code.ts';
import type { Check, Finding } from './check.ts';

const PATIENCE_MS = 5_000;
const NOT_ASKED: Finding = {
  exitCode: EXIT.ok,
  isSkipped: true,
  found: 'it was not asked',
  advice: 'give --controller-url',
};
const LOOK = 'look at its pods and their log';

/** That the controller at `url`, null where nobody asks for it, says it is ready. */
export function createControllerCheck(url: string | null): Check {
  return { name: 'controller', run: async (signal) => (url === null ? NOT_ASKED : await askController(url, signal)) };
}

async function askController(url: string, signal: AbortSignal): Promise<Finding> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    const answer = await fetch(`${url.replace(/\/+$/, '')}/readyz`, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, patience]),
    });
    const text = await answer.text();
    if (answer.status === 200) return { exitCode: EXIT.ok, found: `it is ready at ${url}` };
    return { exitCode: EXIT.unavailable, found: `not ready at ${url}: ${toReason(answer.status, text)}`, advice: LOOK };
  } catch (error) {
    signal.throwIfAborted();
    const why = patience.aborted ? `nothing within ${PATIENCE_MS / 1_000} s` : toCause(error);
    return { exitCode: EXIT.unavailable, found: `no answer from ${url}: ${why}`, advice: LOOK };
  }
}

/** What its own checks complain of, as /readyz lists them. */
function toReason(status: number, text: string): string {
  const failed = [...text.matchAll(/^\[-\](.+)$/gm)].map((match) => match[1]);
  return failed.length === 0 ? `HTTP ${status}` : failed.join(', ');
}

/** Fetch says no more than that it failed; its cause says why. */
function toCause(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
