import { relative } from 'node:path';
import { z } from 'zod';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { buildDaysBefore } from '../../domain/period.ts';
import { findActor } from '../actor.ts';
import type { CommandIo } from '../command.ts';
import { defineCommand } from '../command.ts';
import { createWatchedRun } from '../progress.ts';
import { executionSettings } from '../run/execution-settings.ts';
import type { RunReport } from '../run/execution-report.ts';
import { listPlannedMalls, listWork } from '../run/list-work.ts';
import { loadReportStyle, printReport } from '../run/print-report.ts';
import { runItems } from '../run/run-items.ts';
import { readSettings } from '../settings/read-settings.ts';
import { setting } from '../settings/setting.ts';
import { LOG_SETTINGS } from '../settings/shared-settings.ts';
import { useDatabase } from '../use-database.ts';
import type { DemoWorld } from './demo-world.ts';
import { startDemoWorld } from './demo-world.ts';
import { renderNextSteps } from './next-steps.ts';

const SETTINGS = z.object({
  ...LOG_SETTINGS,
  once: setting(z.boolean().default(false), {
    flag: '--once',
    description: 'End after the table instead of staying up',
    mustBe: 'given or not',
  }),
  folder: setting(z.string().min(1).default('.mallsync/demo'), {
    flag: '--folder <path>',
    description: 'Where the demo keeps its data between two starts',
    mustBe: 'a path',
  }),
});

const PARALLEL = 8;
/** Small enough that most malls take several pages. */
const PAGE_SIZE = 200;

export const demoCommand = defineCommand({
  name: 'demo',
  summary: 'A whole installation to try: PostgreSQL, a simulated Cafe24, twelve malls, one night’s run',
  settings: SETTINGS,
  examples: [
    ['demo', 'stays up with the operator’s page until Ctrl-C; a second start re-runs only what failed'],
    ['demo --once', 'ends after the table'],
  ],
  async run(settings, io) {
    const world = await startDemoWorld(settings.folder, (line) => io.stderr.write(`${line}\n`));
    try {
      if (!settings.once) return await stayUp(world, settings, io);
      await runYesterday(world, settings, io);
      return io.signal.aborted ? EXIT.stopped : EXIT.ok;
    } finally {
      io.stderr.write('stopping\n');
      await world.stop();
    }
  },
});

type Settings = z.output<typeof SETTINGS>;

async function stayUp(world: DemoWorld, settings: Settings, io: CommandIo): Promise<ExitCode> {
  // `--once` does without the code of the page
  const { withDemoPage } = await import('./demo-page.ts');
  return await withDemoPage(world, { ...settings, ...toFormat(io) }, io, async (page) => {
    io.stderr.write(`the page: ${page.url}\n`);
    const report = await runYesterday(world, settings, io);
    if (io.signal.aborted) return EXIT.stopped;
    const environmentFile = await world.publish({ MALLSYNC_REDIRECT_URI: `${page.url}/consent/callback` });
    io.stdout.write(renderNextSteps(report, page, relative('', environmentFile), world.simulatorUrl));
    await page.serveRequests();
    return EXIT.ok;
  });
}

/** What a person reads beside a table is text, wherever it goes. */
function toFormat(io: CommandIo): Partial<Pick<Settings, 'logFormat'>> {
  return io.stderr.terminal === null ? { logFormat: 'text' } : {};
}

async function runYesterday(world: DemoWorld, settings: Settings, io: CommandIo): Promise<RunReport> {
  const { log, display } = createWatchedRun({ ...settings, ...toFormat(io) }, io);
  const execution = { ...readSettings(executionSettings, {}, world.environment), logLevel: settings.logLevel };
  const period = buildDaysBefore(Date.now(), 1);
  return await useDatabase(execution, { name: 'demo' }, async (database) => {
    const items = await listWork(database, { kind: 'active' }, DOMAIN_TYPES, {
      period,
      pageSize: PAGE_SIZE,
      attemptCount: null,
      mode: 'RESUME',
      reason: '',
      trigger: 'LOCAL',
      requestedBy: findActor(io.environment),
      fingerprints: null,
    });
    display.plan(listPlannedMalls(items));
    const watch = { log, emit: display.show };
    const options = { settings: execution, name: 'demo', parallel: PARALLEL, threads: null };
    const report = await runItems(items, options, watch, io.signal).finally(() => display.stop());
    io.stdout.write('\n');
    printReport(report, await loadReportStyle(database, report, period, io.stdout.terminal !== null), false, io);
    return report;
  });
}
