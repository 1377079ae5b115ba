import { z } from 'zod';
import { assertProgramFits } from '../../adapters/postgres/migrate.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { createProgressLines } from '../../adapters/telemetry/progress-lines.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { parsePeriod } from '../../domain/period.ts';
import { findActor } from '../actor.ts';
import type { CommandIo } from '../command.ts';
import { defineCommand } from '../command.ts';
import { explainFailure } from '../explain-failure.ts';
import { createCommandLog } from '../log.ts';
import { printJson } from '../print.ts';
import type { ExecutionEnvironment } from '../run/execution-environment.ts';
import { openExecutionEnvironment } from '../run/execution-environment.ts';
import { executionSettings } from '../run/execution-settings.ts';
import { isInOrder } from '../run/period-settings.ts';
import { PAGE_SIZE_SETTINGS } from '../run/run-settings.ts';
import type { ExecutionReport } from '../run/execution-report.ts';
import type { WorkItem } from '../run/work-item.ts';
import { setting } from '../settings/setting.ts';
import { JSON_SETTINGS } from '../settings/shared-settings.ts';
import { oneDomainType, seoulTime, wholeNumber } from '../settings/values.ts';
import { createUsageError } from '../usage-error.ts';
import { readVersion } from '../version.ts';
import { syncItem } from './sync-item.ts';
import { writeTerminationReport } from './termination-report.ts';

const TIME = 'a time of Asia/Seoul like 2025-12-01T00:00:00';

const SETTINGS = z
  .object({
    ...executionSettings.shape,
    ...JSON_SETTINGS,
    ...PAGE_SIZE_SETTINGS,
    mallId: setting(wholeNumber(1, Number.MAX_SAFE_INTEGER), {
      flag: '--mall-id <number>',
      description: 'The mall’s number',
      mustBe: 'the number of a mall',
    }),
    domainType: setting(oneDomainType, {
      flag: '--domain-type <type>',
      description: 'MEMBER, ORDER or SALES',
      mustBe: 'MEMBER, ORDER or SALES',
    }),
    startDate: setting(seoulTime, {
      flag: '--start-date <time>',
      description: 'Begin of the period, Asia/Seoul',
      mustBe: TIME,
    }),
    endDate: setting(seoulTime, {
      flag: '--end-date <time>',
      description: 'End of the period, that second included; midnight ends the day before',
      mustBe: TIME,
    }),
    attemptCount: setting(wholeNumber(1, 1_000_000).default(1), {
      flag: '--attempt-count <number>',
      description: 'Which attempt this is; a live one of that number is gone on with',
      mustBe: 'a whole number from 1',
    }),
    terminationLog: setting(z.string().default('/dev/termination-log'), {
      env: 'MALLSYNC_TERMINATION_LOG',
      description: 'Where `sync` writes its report for the cluster, if the file is there or was named',
      mustBe: 'a path',
    }),
  })
  .superRefine(({ startDate, endDate }, context) => {
    if (isInOrder(startDate, endDate)) return;
    const message = `must be later than --start-date ${startDate}, not ${endDate}`;
    context.addIssue({ code: 'custom', path: ['endDate'], message });
  });

type Settings = z.output<typeof SETTINGS>;

export const syncCommand = defineCommand({
  name: 'sync',
  summary: 'Read one mall, domain type and period: one execution to its end',
  settings: SETTINGS,
  examples: [
    [
      'sync --mall-id 1 --domain-type MEMBER --start-date 2025-12-01T00:00:00 --end-date 2025-12-17T23:59:59',
      'the first attempt; times are of Asia/Seoul',
    ],
    [
      'sync --mall-id 1 --domain-type MEMBER --start-date 2025-12-01T00:00:00 --end-date 2025-12-17T23:59:59 --attempt-count 2',
      'another attempt, which resumes where the first one failed',
    ],
  ],
  async run(settings, io) {
    try {
      return await runSync(settings, io);
    } catch (error) {
      await writeTerminationReport(settings.terminationLog, { exitCode: explainFailure(error).exitCode, error });
      throw error;
    }
  },
});

async function runSync(settings: Settings, io: CommandIo): Promise<ExitCode> {
  const log = createCommandLog(settings, io);
  const environment = await openExecutionEnvironment(settings, { name: 'sync', slots: 1 });
  try {
    await assertProgramFits(environment.database, readVersion());
    const item = await findItem(settings, environment, io);
    const { show } = createProgressLines(log, io.stderr.write);
    const { report, exitCode } = await syncItem(item, { environment, log, emit: show }, io.signal);
    await writeTerminationReport(settings.terminationLog, { exitCode, report });
    if (settings.json) printJson(io, { ...report, exitCode });
    log[report.failureReason === null ? 'info' : 'error']('sync ended', toLogFields(report, exitCode));
    return exitCode;
  } finally {
    await environment.close();
  }
}

function toLogFields(report: ExecutionReport, exitCode: ExitCode) {
  const { failureReason: reason, failureMessage: explanation, alreadyComplete: isAlreadyComplete, ...others } = report;
  return { ...others, reason, explanation, isAlreadyComplete, exitCode };
}

async function findItem(settings: Settings, { database }: ExecutionEnvironment, io: CommandIo): Promise<WorkItem> {
  const { mallId, domainType, pageSize, attemptCount } = settings;
  const mall = await createMallStore(database).findMall(mallId);
  if (mall === null)
    throw createUsageError(`--mall-id must be the number of a registered mall; there is no mall ${mallId}`);
  return {
    mall,
    domainType,
    pageSize,
    attemptCount,
    period: parsePeriod(settings.startDate, settings.endDate),
    mode: 'RESUME',
    reason: '',
    trigger: 'MANUAL',
    requestedBy: findActor(io.environment),
    fingerprints: null,
  };
}
