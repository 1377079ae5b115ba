import { parseArgs } from 'node:util';
import { measureStart } from './measure-start.ts';
import { median } from '../measure.ts';
import { WAYS } from './ways.ts';

const USAGE = `node test/bench/start/main.ts [--image mallsync:dev] [--runs 15] [--cpus 1] [--bundle <folder>]
Seconds from a container's process to its first query, for each way to start the program.
--bundle names a folder with a bundle of the program, main.mjs, that is measured beside it.`;

const { values } = parseArgs({
  options: {
    image: { type: 'string', default: 'mallsync:dev' },
    runs: { type: 'string', default: '15' },
    cpus: { type: 'string' },
    bundle: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const ways = WAYS.filter(({ needsBundle }) => !needsBundle || values.bundle !== undefined);
  const seconds = new Map(ways.map(({ name }) => [name, [] as number[]]));
  // one of each in turn, so that a noisy minute meets all of them; the first round only warms the disk
  for (let run = 0; run <= Number(values.runs); run++) {
    for (const way of ways) {
      const taken = await measureStart(way, { image: values.image, cpus: values.cpus, bundle: values.bundle });
      if (run > 0) seconds.get(way.name)?.push(taken);
    }
  }
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  process.stdout.write(
    line(['start', 'median s', 'best s', 'worst s', 'runs']) + line(['---', '--:', '--:', '--:', '--:']),
  );
  for (const [name, taken] of seconds) {
    const figures = [median(taken), Math.min(...taken), Math.max(...taken)].map((figure) => figure.toFixed(2));
    process.stdout.write(line([name, ...figures, String(taken.length)]));
  }
}

if (values.help) process.stdout.write(`${USAGE}\n`);
else await main();
