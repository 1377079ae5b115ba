import { z } from 'zod';
import type { Database } from '../../adapters/postgres/database.ts';
import { createErrorLog } from '../../adapters/postgres/error-log.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { listReplayCandidates } from '../../adapters/postgres/replay-reader.ts';
import { EXIT, type ExitCode } from '../../domain/exit-code.ts';
import { parsePeriod } from '../../domain/period.ts';
import { findActor } from '../actor.ts';
import { recordAudit } from '../audit.ts';
import type { CommandIo } from '../command.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { createWatchedRun } from '../progress.ts';
import type { RunReport } from '../run/execution-report.ts';
import { buildRunReport, toRunExitCode } from '../run/execution-report.ts';
import { executionSettings } from '../run/execution-settings.ts';
import { listPlannedMalls } from '../run/list-work.ts';
import { renderRunReport } from '../run/report-table.ts';
import { PARALLEL_SETTINGS } from '../run/run-settings.ts';
import type { WorkItem } from '../run/work-item.ts';
import { DOMAINS_SELECTION, MALLS_SELECTION, selectedMalls } from '../settings/selection-settings.ts';
import { JSON_SETTINGS } from '../settings/shared-settings.ts';
import { createUsageError } from '../usage-error.ts';
import { useDatabase } from '../use-database.ts';
import { FINGERPRINT_SETTINGS } from './error-settings.ts';
import { isOfExecutions } from './error-text.ts';

const SETTINGS = z.object({
  ...executionSettings.shape,
  ...JSON_SETTINGS,
  ...FINGERPRINT_SETTINGS,
  ...MALLS_SELECTION,
  ...DOMAINS_SELECTION,
  ...PARALLEL_SETTINGS,
});

type Settings = z.output<typeof SETTINGS>;

export const replayCommand = defineCommand({
  name: 'replay',
  summary: 'Read the rejected rows of a group again, in this process',
  settings: SETTINGS,
  examples: [
    ['errors replay --fingerprint MEMBER:VALIDATE:BAD_DATE:created_date', 'after the cause was mended'],
    ['errors replay --fingerprint ORDER:MAP:BAD_NUMBER:payment_amount --malls 3,7', 'only those of two malls'],
  ],
  async run(settings, io) {
    const work = await useDatabase(settings, { name: 'errors replay' }, (database) => prepare(settings, database, io));
    // loaded only here: the other commands of the group need none of the engine
    const { runItems } = await import('../run/run-items.ts');
    const { log, display } = createWatchedRun(settings, io);
    display.plan(listPlannedMalls(work.items));
    const options = { settings, name: 'errors replay', parallel: settings.parallel, threads: settings.threads };
    const watch = { log, emit: display.show.bind(display) };
    const report = withoutSettled(await runItems(work.items, options, watch, io.signal).finally(() => display.stop()));
    const exitCode = io.signal.aborted ? EXIT.stopped : toRunExitCode(report);
    const stillOpen = await conclude(settings, work, exitCode, io);
    if (settings.json) printJson(io, { ...toDocument(settings, work, stillOpen), ...report });
    else io.stdout.write(render(report, work, stillOpen, io));
    return exitCode;
  },
});

interface Work {
  readonly items: readonly WorkItem[];
  /** Open entries before. */
  readonly entries: number;
  readonly names: ReadonlyMap<number, string>;
}

async function prepare(settings: Settings, database: Database, io: CommandIo): Promise<Work> {
  const { fingerprint, domains: domainTypes } = settings;
  const mallIds = selectedMalls(settings);
  const malls = createMallStore({ pool: database.pool });
  if (mallIds !== undefined) await malls.selectMalls({ kind: 'ids', mallIds });
  const candidates = await listReplayCandidates(database.pool, { fingerprint, mallIds, domainTypes });
  if (candidates.length === 0) throw await explainNothing(fingerprint, database);
  const known = new Map((await malls.listMalls()).map((mall) => [mall.mallId, mall]));
  const items = candidates.flatMap(({ mallId, domainType, startDate, endDate, pageSize }): WorkItem[] => {
    const mall = known.get(mallId);
    if (mall === undefined) return [];
    return [
      {
        mall,
        domainType,
        period: parsePeriod(startDate, endDate),
        pageSize,
        attemptCount: null,
        mode: 'REPLAY',
        reason: '',
        trigger: 'RERUN',
        requestedBy: findActor(io.environment),
        fingerprints: [fingerprint],
      },
    ];
  });
  return {
    items,
    entries: candidates.reduce((sum, { entries }) => sum + entries, 0),
    names: new Map([...known.values()].map((mall) => [mall.mallId, mall.name])),
  };
}

async function explainNothing(fingerprint: string, { pool }: Database): Promise<Error> {
  const [group] = await createErrorLog({ pool }).listGroups({ fingerprint });
  if (group === undefined) return createUsageError(`--fingerprint must be a known group; there is no ${fingerprint}`);
  if (!isOfExecutions(group)) return createUsageError(`--fingerprint ${fingerprint} has no open row that fits`);
  return createUsageError(
    `--fingerprint must be a group of rows; ${fingerprint} holds executions that failed, see \`mallsync rerun --failed\``,
  );
}

/** Where periods overlap, the replay of one settles rows of the other, which then has nothing left and is refused. */
function withoutSettled({ executions, seconds }: RunReport): RunReport {
  const rest = executions.filter((each) => each.status !== 'REFUSED' || each.failureReason !== 'DuplicateRefused');
  return buildRunReport(rest, seconds);
}

/** Records what was done, and counts what is left. */
async function conclude(settings: Settings, work: Work, exitCode: ExitCode, io: CommandIo): Promise<number> {
  const { fingerprint, domains: domainTypes } = settings;
  return await useDatabase(settings, { name: 'errors replay' }, async ({ pool }) => {
    const left = await listReplayCandidates(pool, { fingerprint, mallIds: selectedMalls(settings), domainTypes });
    const stillOpen = left.reduce((sum, { entries }) => sum + entries, 0);
    const subject = { action: 'errors replay', target: fingerprint };
    const detail = { executions: work.items.length, entries: work.entries, stillOpen };
    await recordAudit(pool, io, subject, detail, exitCode === EXIT.ok ? 'done' : `exit code ${exitCode}`);
    return stillOpen;
  });
}

function toDocument({ fingerprint }: Settings, { entries }: Work, stillOpen: number): object {
  return { fingerprint, entries, stillOpen };
}

function render(report: RunReport, { names, entries }: Work, stillOpen: number, io: CommandIo): string {
  const nameOf = (mallId: number): string => names.get(mallId) ?? '';
  const table = renderRunReport(report, { hasColour: io.stdout.terminal !== null, nameOf });
  return `${table}\n${entries} open before, ${stillOpen} open now\n`;
}
