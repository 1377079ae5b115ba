import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
/** What needs them: these folders whole, and any file that says so by its name. */
const NEEDING = ['test/monitoring/rules/**', 'test/monitoring/night/**', 'test/monitoring/**/*promtool*.test.ts'];

/** Null when no Prometheus is installed. */
export function findPrometheus(): string | null {
  return find('prometheus', process.env['MALLSYNC_TEST_PROMETHEUS']);
}

/** Its companion that checks rules and metrics; null when it is not installed. */
export function findPromtool(): string | null {
  const server = process.env['MALLSYNC_TEST_PROMETHEUS'];
  return find('promtool', server === undefined ? undefined : join(dirname(server), 'promtool'));
}

function find(program: string, named: string | undefined): string | null {
  const places = [...(named === undefined ? [] : [named]), ...FOLDERS.map((folder) => join(folder, program))];
  return places.find((place) => existsSync(place)) ?? null;
}

/**
 * The tests that are left out here, and said so, since Prometheus is not installed: none with CI=true, where they fail
 * instead.
 */
export function listLeftOutWithoutPrometheus(): readonly string[] {
  if ((findPrometheus() !== null && findPromtool() !== null) || process.env['CI'] === 'true') return [];
  process.stderr.write(
    `LEFT OUT: ${NEEDING.join(', ')}, since prometheus and promtool are not installed (Debian's package "prometheus" ` +
      'has both); MALLSYNC_TEST_PROMETHEUS may name the one, promtool beside it\n',
  );
  return NEEDING;
}

export interface PromtoolEnd {
  readonly exitCode: number;
  /** Both streams. */
  readonly output: string;
}

/** @throws when promtool is not installed */
export async function runPromtool(args: readonly string[], input = ''): Promise<PromtoolEnd> {
  const program = findPromtool();
  if (program === null) throw new Error("no promtool: install Debian's package prometheus");
  const running = promisify(execFile)(program, [...args], { maxBuffer: 64 * 1024 * 1024 });
  running.child.stdin?.end(input);
  return await running.then(
    ({ stdout, stderr }) => ({ exitCode: 0, output: stdout + stderr }),
    (error: { readonly code?: unknown; readonly stdout: string; readonly stderr: string }) => {
      if (typeof error.code !== 'number') throw error;
      return { exitCode: error.code, output: error.stdout + error.stderr };
    },
  );
}
