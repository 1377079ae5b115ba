import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { EXIT } from '../domain/exit-code.ts';
import { buildDemoFleet, DEMO_MALLS, toImportFile } from '../simulator/demo-fleet.ts';
import type { SimulatedMall } from '../simulator/mall.ts';
import { simulatedMallSchema } from '../simulator/mall.ts';
import type { Simulator } from '../simulator/start.ts';
import { startSimulator } from '../simulator/start.ts';
import { blameSetting } from './blame-setting.ts';
import type { CommandIo } from './command.ts';
import { defineCommand } from './command.ts';
import { printJson } from './print.ts';
import { readSettings } from './settings/read-settings.ts';
import { setting } from './settings/setting.ts';
import { JSON_SETTINGS } from './settings/shared-settings.ts';
import { wholeNumber } from './settings/values.ts';
import { REGISTRATION_SETTINGS, registerMalls, registrationSettings } from './simulator-registration.ts';
import { createUsageError } from './usage-error.ts';

const SETTINGS = z
  .object({
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
    malls: setting(wholeNumber(1, 1_000).optional(), {
      flag: '--malls <number>',
      description: 'How many malls: the first of the demo’s, then further healthy small ones',
      defaultText: `the demo’s ${DEMO_MALLS}`,
      mustBe: 'a whole number from 1 to 1000',
    }),
    importFile: setting(z.string().min(1).optional(), {
      flag: '--import-file <file>',
      description: 'Write what `malls import` needs of the malls to this file; readable by its owner only',
      mustBe: 'a path',
    }),
    ...REGISTRATION_SETTINGS,
  })
  .superRefine(({ fleet, malls }, context) => {
    if (fleet === undefined || malls === undefined) return;
    context.addIssue({ code: 'custom', path: ['malls'], message: 'must be left out: --fleet says which malls' });
  });

type SimulatorSettings = z.output<typeof SETTINGS>;

export const simulatorCommand = defineCommand({
  name: 'simulator',
  summary: 'A Cafe24 stand-in over HTTP',
  settings: SETTINGS,
  examples: [
    ['simulator --import-file malls.json', 'serve the demo’s malls, and write their list for `malls import`'],
    ['simulator --malls 21 --register', 'serve 21 malls, registered in the database of the environment'],
    ['simulator --port 0 --json', 'on any free port, and say which'],
  ],
  async run(settings, io) {
    const registration = settings.register ? readSettings(registrationSettings, {}, io.environment) : null;
    const fleet =
      settings.fleet === undefined ? buildDemoFleet(settings.seed, settings.malls) : await readFleet(settings.fleet);
    const simulator = await startSimulator({ ...settings, malls: fleet }).catch(
      blameSetting(`--host and --port must be free to listen on; ${settings.host}:${settings.port} is not`),
    );
    try {
      if (settings.importFile !== undefined) await writeImportFile(settings.importFile, fleet, settings.seed);
      if (registration !== null) await registerMalls(fleet, settings.seed, registration, io);
      announce(simulator, fleet, settings, io);
      if (!io.signal.aborted) await once(io.signal, 'abort');
    } finally {
      await simulator.stop();
    }
    return EXIT.ok;
  },
});

async function writeImportFile(file: string, fleet: readonly SimulatedMall[], seed: number): Promise<void> {
  const list = `${JSON.stringify(toImportFile(fleet, seed), null, 2)}\n`;
  await writeFile(file, list, { mode: 0o600 }).catch(
    blameSetting(`--import-file must be a file that can be written; ${file} cannot`),
  );
}

/** Whoever reads this may begin. */
function announce(
  { url, cafe24Url }: Simulator,
  fleet: readonly SimulatedMall[],
  { json, register }: SimulatorSettings,
  io: CommandIo,
): void {
  if (json) printJson(io, { url, cafe24Url, malls: fleet.length, registered: register });
  else {
    const done = register ? ', registered' : '';
    io.stdout.write(`${fleet.length} malls at ${url}${done}\nexport MALLSYNC_CAFE24_URL='${cafe24Url}'\n`);
  }
}

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
