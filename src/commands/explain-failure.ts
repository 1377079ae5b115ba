import { SyncError } from '../domain/errors.ts';
import type { ExitCode } from '../domain/exit-code.ts';
import { EXIT } from '../domain/exit-code.ts';
import { FAILURES } from '../domain/failure.ts';
import { SettingsError } from './settings/read-settings.ts';

/** An error that reached the top, as an exit code and as lines for a person. */
export function explainFailure(error: unknown): { readonly exitCode: ExitCode; readonly text: string } {
  if (error instanceof SettingsError) {
    return { exitCode: error.exitCode, text: error.faults.map((fault) => `mallsync: ${fault}\n`).join('') };
  }
  if (error instanceof SyncError) {
    const { exitCode, advice } = FAILURES[error.reason];
    return { exitCode, text: `mallsync: ${error.reason}: ${firstLine(error.message)}. ${advice}\n` };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.bug, text: `mallsync: Bug: ${firstLine(message)}. ${FAILURES.Bug.advice}\n` };
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/\.$/, '');
}
