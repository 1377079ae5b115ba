import { createUsageError } from './usage-error.ts';

/** For `catch`: what the operating system refuses because of a setting is that setting's fault, not a bug. */
export function blameSetting(fault: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) throw error;
    throw createUsageError(`${fault} (${String(error.code)})`);
  };
}
