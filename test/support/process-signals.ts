import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Started } from './program.ts';

/** Polls until `find` has an answer. @throws when it has none within the deadline, saying what was waited for */
export async function until<T>(
  what: string,
  find: () => Promise<T | undefined | false>,
  patienceMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
    await sleep(15);
  }
}

/** Stops every thread of the process where it is; resolves when the system says that it stands. */
export async function freeze({ process: child }: Started): Promise<void> {
  child.kill('SIGSTOP');
  await until(`process ${child.pid} to stand still`, async () => {
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
    return /^\d+ \(.*\) T /s.test(stat);
  });
}

export function thaw({ process: child }: Started): void {
  child.kill('SIGCONT');
}

/** SIGKILL; true when the process was still there to be killed. */
export async function killHard(started: Started): Promise<boolean> {
  started.process.kill('SIGKILL');
  const { signal } = await started.finished;
  return signal === 'SIGKILL';
}

/** What is awaited of a process that must not end before. @throws with all it said when it does */
export async function beforeEndOf<T>({ finished }: Started, awaited: Promise<T>): Promise<T> {
  const tooEarly = finished.then(({ exitCode, signal, stdout, stderr }): never => {
    throw new Error(`the process ended with ${exitCode ?? signal} before what was awaited: ${stdout}${stderr}`);
  });
  return await Promise.race([awaited, tooEarly]);
}
