import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves with the match as soon as standard output holds one; rejects when the program ends before. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray>;
  /** The same for standard error. */
  waitForError(pattern: RegExp): Promise<RegExpExecArray>;
}

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A real process of the program, with these variables and no other of its own. */
export function startProgram(args: readonly string[], environment: Record<string, string> = {}, input = ''): Started {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('MALLSYNC_'));
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const checks = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const check of checks) check();
    });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, ...output }));
  });
  const waitFor = (name: keyof typeof output, pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const match = pattern.exec(output[name]);
        if (match === null) return;
        checks.delete(check);
        resolve(match);
      };
      checks.add(check);
      check();
      void finished.then((end) =>
        reject(new Error(`ended with ${end.exitCode} before ${pattern}: ${end.stdout}${end.stderr}`)),
      );
    });
  return {
    process: child,
    finished,
    waitForOutput: (pattern) => waitFor('stdout', pattern),
    waitForError: (pattern) => waitFor('stderr', pattern),
  };
}

export async function runProgram(
  args: readonly string[],
  environment: Record<string, string> = {},
  input = '',
): Promise<Finished> {
  return await startProgram(args, environment, input).finished;
}
