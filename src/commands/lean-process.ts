/** Set once the process runs lean, so that it becomes so only once; the image begins with it, and with the settings below. */
export const MARK = 'MALLSYNC_LEAN';

/** A page's rows die young and together: a small young generation and early collections cost little and keep memory flat. */
export const NODE_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=25'];

/** glibc keeps freed pages for reuse, per thread, unless told to give blocks of a page's size back. */
export const ALLOCATOR = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/**
 * Replaces this process by itself with settings that can only be given at a start: a `sync` has a small container of its
 * own. The same process id goes on, flags and settings given from outside win, and where the platform cannot replace a
 * process, nothing happens.
 */
export function becomeLean(): void {
  if (process.env[MARK] !== undefined || process.execve === undefined) return;
  const args = [process.execPath, ...NODE_FLAGS, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, args, { ...ALLOCATOR, ...process.env, [MARK]: '1' });
}
