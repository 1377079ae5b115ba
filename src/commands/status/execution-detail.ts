import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import type { WindowRecord } from '../../adapters/postgres/status-reader.ts';
import { renderTable } from '../../adapters/telemetry/table.ts';
import { toSeoulTime } from '../../domain/seoul-time.ts';
import { toMinuteText } from '../time-text.ts';
import { renderExecutions, renderTroubles } from './status-table.ts';

export interface ExecutionDetail {
  readonly execution: ExecutionRecord;
  readonly windows: readonly WindowRecord[];
  /** All executions of the same mall, domain type and period, the newest first. */
  readonly attempts: readonly ExecutionRecord[];
}

const MOST_WINDOWS = 30;

export function renderDetail({ execution, windows, attempts }: ExecutionDetail, hasColour: boolean): string {
  const sections = [
    renderFacts(execution),
    renderTroubles([execution], hasColour).trimEnd(),
    renderWindows(windows),
    attempts.length > 1 ? `Attempts\n${renderExecutions(attempts)}` : '',
    execution.counters.rejected > 0
      ? `Its rejected rows: mallsync errors list --execution ${execution.executionId}`
      : '',
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function renderFacts(execution: ExecutionRecord): string {
  const { counters, seconds } = execution;
  const facts: readonly (readonly [string, string])[] = [
    ['execution', `${execution.executionId}, attempt ${execution.attemptCount}, ${execution.mode}`],
    ['of', `mall ${execution.mallId} ${execution.domainType} ${execution.startDate} to ${execution.endDate}`],
    ['status', `${execution.status}${execution.exitCode === null ? '' : `, exit code ${execution.exitCode}`}`],
    ['asked for', `${toMinuteText(execution.requestedAtMs)} by ${execution.requestedBy || '-'}, ${execution.trigger}`],
    ['reason', execution.reason],
    ['held by', execution.holder ?? ''],
    ['ran', `${toMinuteText(execution.startedAtMs)} to ${toMinuteText(execution.endedAtMs)}, ${toSeconds(seconds)}`],
    [
      'rows',
      `${counters.read} read, ${counters.inserted} inserted, ${counters.updated} updated, ${counters.unchanged} unchanged`,
    ],
    ['', `${counters.stale} stale, ${counters.rejected} rejected, ${counters.duplicate} duplicate`],
    [
      'calls',
      `${counters.apiCalls} for ${counters.pages} pages of ${execution.pageSize}, ${toSeconds(counters.waitMs / 1_000)} waited`,
    ],
  ];
  return facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name.padEnd(10)} ${value}`)
    .join('\n');
}

function toSeconds(seconds: number | null): string {
  return seconds === null ? '-' : `${seconds.toFixed(1)} s`;
}

function renderWindows(windows: readonly WindowRecord[]): string {
  if (windows.length === 0) return 'No windows: nothing was planned yet, or they are past their retention.';
  const isLong = windows.length > MOST_WINDOWS;
  const shown = (isLong ? windows.filter(({ state }) => state !== 'COMPLETE') : windows).slice(0, MOST_WINDOWS);
  const hidden = windows.length - shown.length;
  const more = hidden === 0 ? '' : `\nand ${hidden} more, mostly complete; --json shows all`;
  if (shown.length === 0) return `${windows.length} windows, all complete; --json shows them`;
  return `Windows\n${renderTable<WindowRecord>(
    [
      { title: 'N', align: 'right', toCell: ({ n }) => String(n) },
      { title: 'FROM', align: 'left', toCell: ({ fromMs }) => toSeoulTime(fromMs) },
      { title: 'UNTIL', align: 'left', toCell: ({ untilMs }) => toSeoulTime(untilMs) },
      { title: 'SHOP', align: 'right', toCell: ({ shopNo }) => String(shopNo) },
      { title: 'DATE', align: 'left', toCell: ({ dateType }) => dateType },
      { title: 'STATE', align: 'left', toCell: ({ state }) => state },
      {
        title: 'COUNTED',
        align: 'right',
        toCell: ({ countAfter, countBefore }) => String(countAfter ?? countBefore ?? '-'),
      },
      { title: 'SEEN', align: 'right', toCell: ({ distinctSeen }) => String(distinctSeen) },
      { title: 'REJECTED', align: 'right', toCell: ({ rejected }) => String(rejected) },
    ],
    shown,
  )}${more}`;
}
