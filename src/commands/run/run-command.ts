import { z } from 'zod';
import type { Database } from '../../adapters/postgres/database.ts';
import { findActor } from '../actor.ts';
import type { CommandIo } from '../command.ts';
import { defineCommand } from '../command.ts';
import { createWatchedRun } from '../progress.ts';
import { JSON_SETTINGS } from '../settings/shared-settings.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { Period } from '../../domain/period.ts';
import { useDatabase } from '../use-database.ts';
import { toRunExitCode } from './execution-report.ts';
import { listPlannedMalls, listWork } from './list-work.ts';
import { toPeriod } from './period-settings.ts';
import { loadReportStyle, printReport } from './print-report.ts';
import { runItems } from './run-items.ts';
import { checkRunSettings, RUN_SETTINGS } from './run-settings.ts';
import { executionSettings } from './execution-settings.ts';
import type { WorkItem } from './work-item.ts';

const SETTINGS = z
  .object({ ...executionSettings.shape, ...JSON_SETTINGS, ...RUN_SETTINGS })
  .superRefine(checkRunSettings);

type Settings = z.output<typeof SETTINGS>;

export const runCommand = defineCommand({
  name: 'run',
  summary: 'Read a period of many malls in this process',
  settings: SETTINGS,
  examples: [
    ['run', 'yesterday, everything, all active malls'],
    [
      'run --domain MEMBER --start 2025-12-01T00:00:00 --end 2025-12-17T23:59:59 --malls 1,2',
      'members of two malls; times are of Asia/Seoul',
    ],
    [
      'run --domain ORDER --start 2025-12-01T00:00:00 --end 2025-12-02T00:00:00 --reprocess --reason "late orders"',
      'read again what is complete',
    ],
  ],
  async run(settings, io) {
    const period = toPeriod(settings, Date.now());
    const items = await useDatabase(settings, { name: 'run' }, (database) => listItems(settings, period, database, io));
    const { log, display } = createWatchedRun(settings, io);
    display.plan(listPlannedMalls(items));
    const watch = { log, emit: display.show };
    const report = await runItems(items, { ...settings, settings, name: 'run' }, watch, io.signal).finally(() =>
      display.stop(),
    );
    const style = await useDatabase(settings, { name: 'run' }, (database) =>
      loadReportStyle(database, report, period, io.stdout.terminal !== null),
    );
    printReport(report, style, settings.json, io);
    return io.signal.aborted ? EXIT.stopped : toRunExitCode(report);
  },
});

function listItems(
  settings: Settings,
  period: Period,
  database: Database,
  io: CommandIo,
): Promise<readonly WorkItem[]> {
  const selection =
    settings.malls === 'all' ? ({ kind: 'active' } as const) : ({ kind: 'ids', mallIds: settings.malls } as const);
  return listWork(database, selection, settings.domains, {
    period,
    pageSize: settings.pageSize,
    attemptCount: settings.attempt ?? null,
    mode: settings.reprocess ? 'REPROCESS' : 'RESUME',
    reason: settings.reason ?? '',
    trigger: 'LOCAL',
    requestedBy: findActor(io.environment),
    fingerprints: null,
  });
}
