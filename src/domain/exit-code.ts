/** Process exit codes (sysexits). The pod failure policy of a Job reads the same numbers. */
export const EXIT = {
  ok: 0,
  /** `run` only: some executions failed. */
  someFailed: 1,
  usage: 64,
  data: 65,
  unavailable: 69,
  bug: 70,
  busy: 75,
  permission: 77,
  config: 78,
  stopped: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * What no retry mends is settled by the process that met it; on every other code the execution stays live for the next
 * claimer.
 */
export function isSettledByProcess(code: ExitCode): boolean {
  return (
    code === EXIT.ok || code === EXIT.usage || code === EXIT.data || code === EXIT.permission || code === EXIT.config
  );
}
