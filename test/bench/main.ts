import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runMemorySuite } from './suite-memory.ts';
import { runPipelineSuite } from './suite-pipeline.ts';
import { runRateSuite } from './suite-rate.ts';
import { runWriterSuite } from './suite-writer.ts';
import { toMarkdown, type SuiteOptions, type SuiteResult } from './suite.ts';

const SUITES: Readonly<Record<string, (options: SuiteOptions) => Promise<SuiteResult>>> = {
  writer: runWriterSuite,
  pipeline: runPipelineSuite,
  memory: runMemorySuite,
  rate: runRateSuite,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    days: { type: 'string', default: '8' },
    quick: { type: 'boolean', default: false },
  },
});
const options: SuiteOptions = {
  runs: values.quick ? 1 : Number(values.runs),
  days: values.quick ? 3 : Number(values.days),
  isQuick: values.quick,
  note: (line) => process.stderr.write(`${line}\n`),
};
const names = positionals.length === 0 ? Object.keys(SUITES) : positionals;
for (const name of names) {
  const suite = SUITES[name];
  if (suite === undefined) throw new Error(`there is no suite ${name}; there are ${Object.keys(SUITES).join(', ')}`);
  const result = await suite(options);
  process.stdout.write(`${toMarkdown(result)}\n\n`);
  await mkdir('bench/results', { recursive: true });
  await writeFile(`bench/results/${name}.json`, JSON.stringify(result, null, 2));
}
