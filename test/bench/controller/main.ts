import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from '../report.ts';
import { toMarkdown } from '../suite.ts';
import { openBenchCluster } from './bench-cluster.ts';
import { toSuiteResult, type Measured, type Reference } from './controller-report.ts';
import { runScenario, type Scenario } from './scenario.ts';

const RESULTS = fileURLToPath(new URL('../../../bench/results/', import.meta.url));
const USAGE = 'npm run bench:controller -- [scenarios] [--quick] [--idle 60]';
const RUN_MS = 5_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    idle: { type: 'string', default: '60' },
    help: { type: 'boolean', default: false },
  },
});

const share = values.quick ? 0.1 : 1;
const idleSeconds = values.quick ? 0 : Number(values.idle);

/** The reference is for the whole scenario; a quick run is only compared by what does not depend on its size. */
const SCENARIOS: readonly (Pick<Measured, 'reference'> & { readonly scenario: Scenario })[] = [
  {
    reference: values.quick ? {} : { createdSeconds: 5.4, settledSeconds: 18 },
    scenario: {
      name: '100x20',
      mallSyncs: 100 * share,
      mallsEach: 20,
      perSecond: null,
      parallelism: 20,
      runMs: RUN_MS,
      idleSeconds,
    },
  },
  {
    reference: values.quick ? {} : ({ settledSeconds: 23 } satisfies Reference),
    scenario: {
      name: '10x200',
      mallSyncs: 10 * share,
      mallsEach: 200,
      perSecond: null,
      parallelism: 200,
      runMs: RUN_MS,
      idleSeconds: 0,
    },
  },
  {
    reference: { firstJobMs: { p50: 11, p99: 51 } },
    scenario: {
      name: 'paced',
      mallSyncs: 100 * share,
      mallsEach: 20,
      perSecond: 2,
      parallelism: 20,
      runMs: RUN_MS,
      idleSeconds: 0,
    },
  },
];

function pickScenarios(): typeof SCENARIOS {
  const unknown = positionals.find((name) => !SCENARIOS.some(({ scenario }) => scenario.name === name));
  if (unknown !== undefined) throw new Error(`there is no scenario ${unknown}\n${USAGE}`);
  return positionals.length === 0 ? SCENARIOS : SCENARIOS.filter(({ scenario }) => positionals.includes(scenario.name));
}

async function run(): Promise<void> {
  const picked = pickScenarios();
  const cluster = await openBenchCluster();
  const measured: Measured[] = [];
  try {
    for (const { scenario, reference } of picked) {
      process.stderr.write(`${scenario.name}: ${scenario.mallSyncs} MallSyncs of ${scenario.mallsEach} malls\n`);
      measured.push({ scenario, reference, result: await runScenario(cluster, scenario) });
    }
  } finally {
    await cluster.stop();
  }
  const text = toMarkdown(toSuiteResult(measured));
  process.stdout.write(`${text}\n`);
  await mkdir(RESULTS, { recursive: true });
  const report = { takenAt: new Date().toISOString(), machine: describeMachine(), measured };
  await writeFile(`${RESULTS}controller.json`, `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(`${RESULTS}controller.md`, `${text}\n`);
}

if (values.help) process.stdout.write(`${USAGE}\n`);
else await run();
