import { inspect } from 'node:util';
import { toLoggedError } from '../adapters/telemetry/logged-error.ts';
import { ClusterError } from '../controller/cluster-error.ts';
import { SyncError } from '../domain/errors.ts';
import type { ExitCode } from '../domain/exit-code.ts';
import { EXIT } from '../domain/exit-code.ts';
import { FAILURES } from '../domain/failure.ts';
import { SettingsError } from './settings/read-settings.ts';

interface Explanation {
  readonly exitCode: ExitCode;
  readonly text: string;
}

/** An error that reached the top, as an exit code and as lines for a person; with its stack at the debug level. */
export function explainFailure(error: unknown, logLevel?: string): Explanation {
  const explanation = explain(error);
  const hasStack = logLevel === 'debug' || logLevel === 'trace';
  return hasStack ? { ...explanation, text: `${explanation.text}${inspect(toLoggedError(error))}\n` } : explanation;
}

function explain(error: unknown): Explanation {
  if (error instanceof SettingsError) {
    return { exitCode: error.exitCode, text: error.faults.map((fault) => `mallsync: ${fault}\n`).join('') };
  }
  if (error instanceof SyncError) {
    const { exitCode, advice } = FAILURES[error.reason];
    const message = error.reason === 'Bug' ? firstLine(error.message) : error.message;
    return { exitCode, text: `mallsync: ${error.reason}: ${message}\n  ${advice}\n` };
  }
  if (error instanceof ClusterError) {
    return { exitCode: toClusterExitCode(error), text: `mallsync: Kubernetes: ${error.message}\n` };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.bug, text: `mallsync: Bug: ${firstLine(message)}. ${FAILURES.Bug.advice}\n` };
}

/** What the API server refuses for good is a matter of settings and rights. */
export function toClusterExitCode(error: ClusterError): ExitCode {
  return error.isTransient ? EXIT.unavailable : EXIT.config;
}

export function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/\.$/, '');
}
