import { access, writeFile } from 'node:fs/promises';
import type { ExitCode } from '../../domain/exit-code.ts';
import { toSyncError } from '../../domain/errors.ts';
import type { ExecutionReport } from '../run/execution-report.ts';

/** Kubernetes keeps this much of a termination message. */
const MOST_BYTES = 4_096;
const MOST_MESSAGE_LETTERS = 600;
const CLUSTER_FILE = '/dev/termination-log';

export type Termination =
  | { readonly exitCode: ExitCode; readonly report: ExecutionReport }
  | { readonly exitCode: ExitCode; readonly error: unknown };

/** Under 4 KiB of JSON, however long the failure's message is. */
export function renderTermination(termination: Termination): string {
  const document =
    'report' in termination
      ? { ...termination.report, exitCode: termination.exitCode }
      : { ...toFailure(termination.error), exitCode: termination.exitCode };
  const failureMessage = document.failureMessage?.slice(0, MOST_MESSAGE_LETTERS) ?? null;
  const text = JSON.stringify({ ...document, failureMessage });
  return Buffer.byteLength(text) < MOST_BYTES ? text : JSON.stringify({ ...document, failureMessage: null });
}

function toFailure(error: unknown): { readonly failureReason: string; readonly failureMessage: string | null } {
  const { reason, message } = toSyncError(error);
  return { failureReason: reason, failureMessage: message };
}

/** A report that cannot be written is no reason to fail: the ledger row is the truth. */
export async function writeTerminationReport(file: string, termination: Termination): Promise<void> {
  try {
    if (file === CLUSTER_FILE) await access(file);
    await writeFile(file, renderTermination(termination));
  } catch {
    return;
  }
}
