import { spawn } from 'node:child_process';

export interface ToolOptions {
  /** Written to its standard input. */
  readonly input?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A program ended with another code than 0; the message holds what it was and all that it said. */
export class ToolError extends Error {
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(command: readonly string[], exitCode: number | null, stdout: string, stderr: string) {
    super(`${command.join(' ')} ended with ${exitCode}:\n${stderr.trim() || stdout.trim()}`);
    this.name = 'ToolError';
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** Runs a program to its end and gives its standard output; aborted, it is killed and the call rejects. */
export async function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  const { input = '', signal, env = process.env, cwd } = options;
  const child = spawn(program, args, { env, cwd, signal, killSignal: 'SIGKILL', stdio: ['pipe', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  // one that reads no input may be gone before it is written
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (exitCode !== 0) throw new ToolError([program, ...args], exitCode, output.stdout, output.stderr);
  return output.stdout;
}
