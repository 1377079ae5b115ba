import { parseArgs } from 'node:util';
import { describeMachine, writeReadme, writeResults } from './report.ts';
import { runMemorySuite } from './suite-memory.ts';
import { runPipelineSuite } from './suite-pipeline.ts';
import { runProfileSuite } from './suite-profile.ts';
import { runRateSuite } from './suite-rate.ts';
import { runWriterSuite } from './suite-writer.ts';
import { toMarkdown, type SuiteOptions, type SuiteResult } from './suite.ts';

const SUITES: Readonly<Record<string, (options: SuiteOptions) => Promise<SuiteResult>>> = {
  writer: runWriterSuite,
  pipeline: runPipelineSuite,
  memory: runMemorySuite,
  rate: runRateSuite,
  profile: runProfileSuite,
};
const USAGE = `npm run bench -- [suites] [--runs 5] [--days 8] [--quick] [--profile] [--write-readme]
suites: ${Object.keys(SUITES).join(', ')}; all but profile when none is named`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    days: { type: 'string', default: '8' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    'write-readme': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function listNames(): readonly string[] {
  const unknown = positionals.find((name) => SUITES[name] === undefined);
  if (unknown !== undefined) throw new Error(`there is no suite ${unknown}\n${USAGE}`);
  if (positionals.length === 0 && !values.profile) return Object.keys(SUITES).filter((name) => name !== 'profile');
  return [...new Set([...positionals, ...(values.profile ? ['profile'] : [])])];
}

async function runSuites(options: SuiteOptions): Promise<void> {
  const suites: Record<string, SuiteResult> = {};
  for (const name of listNames()) {
    const result = await SUITES[name]?.(options);
    if (result === undefined) continue;
    suites[name] = result;
    process.stdout.write(`${toMarkdown(result)}\n\n`);
  }
  const report = { takenAt: new Date().toISOString(), machine: describeMachine(), runs: options.runs, suites };
  await writeResults(report, Object.values(suites).map(toMarkdown).join('\n\n'));
  if (values['write-readme']) await writeReadme(report);
}

if (values.help) process.stdout.write(`${USAGE}\n`);
else {
  await runSuites({
    runs: values.quick ? 1 : Number(values.runs),
    days: values.quick ? 3 : Number(values.days),
    isQuick: values.quick,
    note: (line) => process.stderr.write(`${line}\n`),
  });
}
