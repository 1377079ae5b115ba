import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { EXIT } from '../domain/exit-code.ts';
import { buildDemoFleet, toImportFile } from '../simulator/demo-fleet.ts';
import type { SimulatedMall } from '../simulator/mall.ts';
import { simulatedMallSchema } from '../simulator/mall.ts';
import { startSimulator } from '../simulator/start.ts';
import { blameSetting } from './blame-setting.ts';
import { defineCommand } from './command.ts';
import { printJson } from './print.ts';
import { setting } from './settings/setting.ts';
import { JSON_SETTINGS } from './settings/shared-settings.ts';
import { wholeNumber } from './settings/values.ts';
import { createUsageError } from './usage-error.ts';

export const simulatorCommand = defineCommand({
  name: 'simulator',
  summary: 'A Cafe24 stand-in over HTTP',
  settings: z.object({
    ...JSON_SETTINGS,
    host: setting(z.string().min(1).default('127.0.0.1'), {
      flag: '--host <address>',
      description: 'The address to listen on',
      mustBe: 'a host name or address',
    }),
    port: setting(wholeNumber(0, 65_535).default(18_080), {
      flag: '--port <number>',
      description: 'The port to listen on; 0 takes a free one',
      mustBe: 'a port number from 0 to 65535',
    }),
    seed: setting(wholeNumber(0, 2_147_483_647).default(1), {
      flag: '--seed <number>',
      description: 'The same seed always gives the same rows',
      mustBe: 'a whole number from 0 to 2147483647',
    }),
    fleet: setting(z.string().min(1).optional(), {
      flag: '--fleet <file>',
      description: 'A JSON list of simulated malls',
      defaultText: 'the malls of the demo',
      mustBe: 'the path of a JSON file',
    }),
    importFile: setting(z.string().min(1).optional(), {
      flag: '--import-file <file>',
      description: 'Write what `malls import` needs of the malls to this file; readable by its owner only',
      mustBe: 'a path',
    }),
  }),
  examples: [
    ['simulator --import-file malls.json', 'serve the demo’s malls, and write their list for `malls import`'],
    ['simulator --port 0 --json', 'on any free port, and say which'],
  ],
  async run(settings, io) {
    const fleet = settings.fleet === undefined ? buildDemoFleet(settings.seed) : await readFleet(settings.fleet);
    const simulator = await startSimulator({ ...settings, malls: fleet }).catch(
      blameSetting(`--host and --port must be free to listen on; ${settings.host}:${settings.port} is not`),
    );
    try {
      if (settings.importFile !== undefined) {
        const list = `${JSON.stringify(toImportFile(fleet, settings.seed), null, 2)}\n`;
        await writeFile(settings.importFile, list, { mode: 0o600 }).catch(
          blameSetting(`--import-file must be a file that can be written; ${settings.importFile} cannot`),
        );
      }
      const document = { url: simulator.url, cafe24Url: simulator.cafe24Url, malls: fleet.length };
      if (settings.json) printJson(io, document);
      else
        io.stdout.write(
          `${fleet.length} malls at ${simulator.url}\nexport MALLSYNC_CAFE24_URL='${simulator.cafe24Url}'\n`,
        );
      if (!io.signal.aborted) await once(io.signal, 'abort');
    } finally {
      await simulator.stop();
    }
    return EXIT.ok;
  },
});

async function readFleet(file: string): Promise<readonly SimulatedMall[]> {
  const content: unknown = await readFile(file, 'utf8')
    .then(JSON.parse)
    .catch((error: unknown) => {
      throw createUsageError(`--fleet must be a readable JSON file; ${file}: ${String(error)}`);
    });
  const fleet = z.array(simulatedMallSchema).min(1).safeParse(content);
  if (!fleet.success)
    throw createUsageError(`--fleet must be a list of simulated malls: ${z.prettifyError(fleet.error)}`);
  return fleet.data;
}
