import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { runTool, ToolError } from './e2e-tool.ts';

export interface ContainerOptions {
  /** Of `docker run`, before the image. */
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ContainerEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As strict as a pod under Pod Security "restricted" with a read-only root: and no network unless the options name one. */
const STRICT = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];

/** Runs a container of an image to its end; an end with another code than 0 is an answer, too. */
export async function runContainer(
  image: string,
  args: readonly string[],
  { options = ['--network', 'none'], env = {} }: ContainerOptions = {},
): Promise<ContainerEnd> {
  const child = spawn('docker', ['run', '--rm', ...STRICT, ...options, ...toFlags(env), image, ...args]);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { exitCode, ...output };
}

/** Starts a container and gives its name; the caller removes it. */
export async function startContainer(
  image: string,
  args: readonly string[],
  { options = [], env = {} }: ContainerOptions = {},
): Promise<string> {
  const name = `mallsync-e2e-${randomUUID().slice(0, 8)}`;
  await runTool('docker', ['run', '--detach', '--name', name, ...options, ...toFlags(env), image, ...args]);
  return name;
}

export async function removeContainer(name: string): Promise<void> {
  await runTool('docker', ['rm', '--force', '--volumes', name]);
}

/** Runs a script of Node's inside a container of the image and gives what it printed as JSON. */
export async function askInside<T>(image: string, script: string): Promise<T> {
  const options = ['--network', 'none', '--entrypoint', 'node'];
  const { exitCode, stdout, stderr } = await runContainer(image, ['--input-type=module', '--eval', script], {
    options,
  });
  if (exitCode !== 0) throw new ToolError(['node', 'inside', image], exitCode, stdout, stderr);
  return JSON.parse(stdout) as T;
}

/** Every path of its file system, without the first slash. */
export async function listFiles(image: string): Promise<readonly string[]> {
  const name = (await runTool('docker', ['create', image])).trim();
  try {
    const paths = await runTool('/bin/sh', ['-c', 'docker export "$0" | tar -t', name]);
    return paths.split('\n').filter((path) => path !== '');
  } finally {
    await removeContainer(name);
  }
}

function toFlags(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
}
