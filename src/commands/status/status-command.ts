import { z } from 'zod';
import { findExecution } from '../../adapters/postgres/execution-store.ts';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import type { QueryPool } from '../../adapters/postgres/pool.ts';
import { listHistory, listUnmended, listWindows } from '../../adapters/postgres/status-reader.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { CommandIo } from '../command.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { DOMAINS_SELECTION, MALLS_SELECTION, PAGING_SETTINGS, selectedMalls } from '../settings/selection-settings.ts';
import { setting } from '../settings/setting.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { SINCE_SETTINGS, toSinceMs } from '../settings/since-settings.ts';
import { wholeNumber } from '../settings/values.ts';
import { createUsageError } from '../usage-error.ts';
import { useDatabase } from '../use-database.ts';
import type { ExecutionDetail } from './execution-detail.ts';
import { renderDetail } from './execution-detail.ts';
import { toExecutionDocument, toWindowDocument } from './execution-document.ts';
import { loadMissing, renderMissing } from './missing-view.ts';
import { renderExecutions, renderTroubles } from './status-table.ts';

const SETTINGS = z.object({
  ...DATABASE_SETTINGS,
  ...JSON_SETTINGS,
  ...MALLS_SELECTION,
  ...DOMAINS_SELECTION,
  ...SINCE_SETTINGS,
  ...PAGING_SETTINGS,
  executionId: setting(wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(), {
    argument: '[execution]',
    description: 'One execution, with its windows and attempts',
    mustBe: 'the number of an execution, as `mallsync status` shows it',
  }),
  failed: setting(z.boolean().default(false), {
    flag: '--failed',
    description: 'Only what failed or was left behind, and was not mended since',
    mustBe: 'given or not',
  }),
  missing: setting(z.boolean().default(false), {
    flag: '--missing',
    description: 'The days before today, seven or since --since, that malls lack or hold with rejected rows',
    mustBe: 'given or not',
  }),
});

type Settings = z.output<typeof SETTINGS>;

export const statusCommand = defineCommand({
  name: 'status',
  summary: 'What ran, how it ended, and what is missing',
  settings: SETTINGS,
  examples: [
    ['status', 'the newest executions'],
    ['status --failed', 'what failed and nobody has mended, why, and what to do'],
    ['status --domain ORDER --malls 3,7 --since 7d', 'two malls’ orders of a week'],
    ['status --missing --since 2025-12-01', 'which days of December which malls lack'],
    ['status 918', 'one execution with its windows and attempts'],
  ],
  async run(settings, io) {
    const { executionId } = settings;
    if (settings.missing) return await showMissing(settings, io);
    if (executionId === undefined) return await showList(settings, io);
    const detail = await useDatabase(settings, { name: 'status' }, async (database) => {
      const execution = await findExecution(database, executionId);
      return execution === null ? null : await loadDetail(database.pool, execution);
    });
    if (detail === null)
      throw createUsageError(`[execution] must be a known execution; there is no execution ${executionId}`);
    if (settings.json) {
      printJson(io, {
        execution: toExecutionDocument(detail.execution),
        windows: detail.windows.map(toWindowDocument),
        attempts: detail.attempts.map(toExecutionDocument),
      });
    } else io.stdout.write(renderDetail(detail, io.stdout.terminal !== null));
    return EXIT.ok;
  },
});

async function loadDetail(pool: QueryPool, execution: ExecutionRecord): Promise<ExecutionDetail> {
  const { executionId, instanceId } = execution;
  return {
    execution,
    windows: await listWindows(pool, executionId),
    attempts: await listHistory(pool, { instanceId }, null),
  };
}

async function showMissing(settings: Settings, io: CommandIo): Promise<typeof EXIT.ok> {
  const nowMs = Date.now();
  const question = {
    mallIds: selectedMalls(settings),
    domainTypes: settings.domains,
    sinceMs: toSinceMs(settings.since, nowMs),
    nowMs,
  };
  const answer = await useDatabase(settings, { name: 'status' }, ({ pool }) => loadMissing(pool, question));
  if (settings.json) printJson(io, answer);
  else io.stdout.write(renderMissing(answer));
  return EXIT.ok;
}

async function showList(settings: Settings, io: CommandIo): Promise<typeof EXIT.ok> {
  const filter = {
    mallIds: selectedMalls(settings),
    domainTypes: settings.domains,
    sinceMs: toSinceMs(settings.since, Date.now()),
    beforeExecutionId: settings.after,
  };
  const found = await useDatabase(settings, { name: 'status' }, ({ pool }) =>
    (settings.failed ? listUnmended : listHistory)(pool, filter, settings.limit + 1),
  );
  const executions = found.slice(0, settings.limit);
  const nextAfter = found.length > settings.limit ? (executions.at(-1)?.executionId ?? null) : null;
  if (settings.json) printJson(io, { executions: executions.map(toExecutionDocument), nextAfter });
  else io.stdout.write(renderList(executions, nextAfter, settings, io.stdout.terminal !== null));
  return EXIT.ok;
}

function renderList(
  executions: readonly ExecutionRecord[],
  nextAfter: number | null,
  { failed }: Settings,
  hasColour: boolean,
): string {
  if (executions.length === 0) return failed ? 'nothing failed that is not mended\n' : 'nothing ran that fits\n';
  const troubles = renderTroubles(executions, hasColour);
  return [
    `${renderExecutions(executions)}\n`,
    ...(troubles === '' ? [] : [`\n${troubles}`]),
    ...(nextAfter === null ? [] : [`\nolder ones: --after ${nextAfter}\n`]),
    ...(failed ? ['\nRun them again: mallsync rerun --failed\n'] : []),
  ].join('');
}
