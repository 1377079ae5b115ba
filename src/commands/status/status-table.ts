import { styleText } from 'node:util';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import type { Column } from '../../adapters/telemetry/table.ts';
import { renderTable } from '../../adapters/telemetry/table.ts';
import type { FailureReason } from '../../domain/failure.ts';
import { FAILURES } from '../../domain/failure.ts';
import { findTrouble } from '../../domain/trouble.ts';
import { toMinuteText, toPeriodText } from '../time-text.ts';

const MOST_NAMED = 8;

export function renderExecutions(records: readonly ExecutionRecord[]): string {
  return renderTable(COLUMNS, records);
}

const COLUMNS: readonly Column<ExecutionRecord>[] = [
  { title: 'ID', align: 'right', toCell: ({ executionId }) => String(executionId) },
  { title: 'MALL', align: 'right', toCell: ({ mallId }) => String(mallId) },
  { title: 'DOMAIN', align: 'left', toCell: ({ domainType }) => domainType },
  { title: 'PERIOD', align: 'left', toCell: ({ startDate, endDate }) => toPeriodText(startDate, endDate) },
  { title: 'TRY', align: 'left', toCell: toTryCell },
  { title: 'STATUS', align: 'left', toCell: ({ status }) => status },
  { title: 'READ', align: 'right', toCell: ({ counters }) => toCount(counters.read) },
  { title: 'WRITTEN', align: 'right', toCell: ({ counters }) => toCount(counters.inserted + counters.updated) },
  { title: 'REJECTED', align: 'right', toCell: ({ counters }) => toCount(counters.rejected) },
  {
    title: 'ASKED FOR',
    align: 'left',
    toCell: ({ requestedAtMs }) => toMinuteText(requestedAtMs).slice('2025-'.length),
  },
];

function toTryCell({ attemptCount, mode }: ExecutionRecord): string {
  return mode === 'RESUME' ? String(attemptCount) : `${attemptCount} ${mode.toLowerCase()}`;
}

function toCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** The failures by their reason, each with what to do about it; empty when there are none. */
export function renderTroubles(records: readonly ExecutionRecord[], hasColour: boolean): string {
  const byReason = new Map<FailureReason, { lines: string[]; message: string }>();
  for (const record of records) {
    const trouble = findTrouble(record);
    if (trouble === null) continue;
    const group = byReason.get(trouble.reason) ?? { lines: [], message: trouble.message };
    group.lines.push(`${record.executionId} (mall ${record.mallId} ${record.domainType})`);
    byReason.set(trouble.reason, group);
  }
  return [...byReason]
    .map(([reason, { lines, message }]) => {
      const named = lines.slice(0, MOST_NAMED).join(', ');
      const more = lines.length > MOST_NAMED ? ` and ${lines.length - MOST_NAMED} more` : '';
      const head = hasColour ? styleText('red', reason) : reason;
      return `${head}: ${named}${more}\n    ${message}\n    ${FAILURES[reason].advice}\n`;
    })
    .join('');
}
