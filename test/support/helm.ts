import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MOST_BYTES = 64 * 1024 * 1024;

/** The Kubernetes that templates are rendered for; a helm built from modules would take a very old one. */
export const KUBE_VERSION = '1.35.0';

export const CHART = fileURLToPath(new URL('../../charts/mallsync', import.meta.url));

export interface HelmAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Helm {
  /** Resolves also where helm ends with an error. */
  run(...args: readonly string[]): Promise<HelmAnswer>;
  /** Rejects with what helm said where it ends with an error. */
  template(options: TemplateOptions): Promise<string>;
}

export interface TemplateOptions {
  readonly release?: string;
  readonly namespace?: string;
  readonly args?: readonly string[];
  /** Another chart than the tree's. */
  readonly chart?: string;
}

/** @param environment  variables besides those of this process */
export function openHelm(program: string, environment: Record<string, string> = {}): Helm {
  const env = { ...process.env, ...environment };
  const ask = async (...args: readonly string[]): Promise<HelmAnswer> => {
    try {
      const { stdout, stderr } = await run(program, [...args], { env, maxBuffer: MOST_BYTES });
      return { exitCode: 0, stdout, stderr };
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') throw error;
      const { stdout, stderr } = error as unknown as HelmAnswer;
      return { exitCode: error.code, stdout, stderr };
    }
  };
  return {
    run: ask,
    async template({ release = 'mallsync', namespace = 'mallsync', args = [], chart = CHART }) {
      const where = ['--namespace', namespace, '--kube-version', KUBE_VERSION];
      const { exitCode, stdout, stderr } = await ask('template', release, chart, ...where, ...args);
      if (exitCode !== 0) throw new Error(stderr);
      return stdout;
    },
  };
}
