import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { toMarkdownTable, type SuiteResult } from './suite.ts';

const RESULTS = fileURLToPath(new URL('../../bench/results/', import.meta.url));
const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const MARKED = /<!-- bench -->[\s\S]*<!-- \/bench -->/;

export interface BenchReport {
  readonly takenAt: string;
  readonly machine: string;
  readonly runs: number;
  readonly suites: Readonly<Record<string, SuiteResult>>;
}

export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${memory} GiB; Node ${process.versions.node}; embedded PostgreSQL 18 with its default settings (fsync on, synchronous_commit on, shared_buffers 128MB), simulator and program on the same machine`;
}

export async function writeResults(report: BenchReport, markdown: string): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(`${RESULTS}bench.json`, `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(`${RESULTS}bench.md`, `${markdown}\n`);
}

/** The goals and the two tables of rows a second, between the README's marks. */
export async function writeReadme({ machine, runs, suites }: BenchReport): Promise<void> {
  const tables = ['pipeline', 'writer', 'memory', 'rate'].flatMap((name) => {
    const suite = suites[name];
    return suite === undefined ? [] : [`**${suite.title}**`, toMarkdownTable(suite.rows)];
  });
  const head = `Measured with \`npm run bench\` (medians of ${runs}, all competitors in turn on the same server) on ${machine}. Member rows with 53 columns, pages of 1,000.`;
  const readme = await readFile(README, 'utf8');
  const text = ['<!-- bench -->', head, ...tables, '<!-- /bench -->'].join('\n\n');
  if (!MARKED.test(readme)) throw new Error('README.md has no <!-- bench --> marks');
  await writeFile(
    README,
    readme.replace(MARKED, () => text),
  );
}
