import { z } from 'zod';
import type { PruneResult } from '../adapters/postgres/prune.ts';
import { prune } from '../adapters/postgres/prune.ts';
import { previewPrune } from '../adapters/postgres/prune-preview.ts';
import { renderTable } from '../adapters/telemetry/table.ts';
import { EXIT } from '../domain/exit-code.ts';
import { audited } from './audit.ts';
import { defineCommand } from './command.ts';
import { printJson } from './print.ts';
import { RETENTION_SETTINGS } from './settings/retention-settings.ts';
import { setting } from './settings/setting.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from './settings/shared-settings.ts';
import { useDatabase } from './use-database.ts';

export const pruneCommand = defineCommand({
  name: 'prune',
  summary: 'Remove what is past its retention',
  settings: z.object({
    ...DATABASE_SETTINGS,
    ...JSON_SETTINGS,
    ...RETENTION_SETTINGS,
    dryRun: setting(z.boolean().default(false), {
      flag: '--dry-run',
      description: 'Only say what would be removed',
      mustBe: 'given or not',
    }),
  }),
  examples: [
    ['prune', 'data, instances and coverage stay, and what makes a period known as complete'],
    ['prune --dry-run --rejected-days 30', 'what a shorter retention would remove'],
  ],
  async run(settings, io) {
    const { rejectedDays, historyDays, dryRun } = settings;
    const retention = { rejectedRowDays: rejectedDays, historyDays };
    const removed = await useDatabase(settings, { name: 'prune' }, ({ pool }) => {
      if (dryRun) return previewPrune(pool, retention, io.signal);
      const target = `older than ${rejectedDays} and ${historyDays} days`;
      return audited(pool, io, { action: 'prune', target }, async () => {
        const result = await prune(pool, retention, io.signal);
        return { result, detail: { ...result } };
      });
    });
    if (settings.json) printJson(io, { dryRun, rejectedDays, historyDays, removed });
    else io.stdout.write(`${render(removed, dryRun)}\n`);
    return EXIT.ok;
  },
});

const TABLES = {
  errorEntries: 'tb_batch_error_log',
  windows: 'tb_batch_window',
  executions: 'tb_batch_execution_summary',
  requests: 'tb_batch_retry_request',
  auditEntries: 'tb_audit_log',
  mallSyncs: 'tb_mallsync',
} as const satisfies Record<keyof PruneResult, string>;

function render(removed: PruneResult, isDryRun: boolean): string {
  const rows = [
    { table: TABLES.errorEntries, count: removed.errorEntries },
    { table: TABLES.windows, count: removed.windows },
    { table: TABLES.executions, count: removed.executions },
    { table: TABLES.requests, count: removed.requests },
    { table: TABLES.auditEntries, count: removed.auditEntries },
    { table: TABLES.mallSyncs, count: removed.mallSyncs },
  ];
  return renderTable<(typeof rows)[number]>(
    [
      { title: 'TABLE', align: 'left', toCell: ({ table }) => table },
      {
        title: isDryRun ? 'WOULD REMOVE' : 'REMOVED',
        align: 'right',
        toCell: ({ count }) => count.toLocaleString('en-US'),
      },
    ],
    rows,
  );
}
