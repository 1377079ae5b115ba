import type { ErrorEntry, ErrorGroup } from '../../adapters/postgres/error-log.ts';
import { renderTable } from '../../adapters/telemetry/table.ts';
import { isFailureReason } from '../../domain/failure.ts';
import { toInstantText, toMinuteText } from '../time-text.ts';

const LONGEST_KEY = 24;

export function toEntryDocument({ firstSeenAtMs, lastSeenAtMs, statusAtMs, ...entry }: ErrorEntry): object {
  return {
    ...entry,
    firstSeenAt: toInstantText(firstSeenAtMs),
    lastSeenAt: toInstantText(lastSeenAtMs),
    statusAt: toInstantText(statusAtMs),
  };
}

export function toGroupDocument({ firstSeenAtMs, lastSeenAtMs, ...group }: ErrorGroup): object {
  return { ...group, firstSeenAt: toInstantText(firstSeenAtMs), lastSeenAt: toInstantText(lastSeenAtMs) };
}

/** Whether the group holds whole executions that failed rather than rows. */
export function isOfExecutions({ reasonCode }: Pick<ErrorGroup, 'reasonCode'>): boolean {
  return isFailureReason(reasonCode);
}

export function renderEntries(entries: readonly ErrorEntry[]): string {
  return renderTable<ErrorEntry>(
    [
      { title: 'ID', align: 'right', toCell: ({ errorId }) => String(errorId) },
      { title: 'MALL', align: 'right', toCell: ({ mallId }) => String(mallId) },
      { title: 'KEY', align: 'left', toCell: toKeyCell },
      { title: 'FINGERPRINT', align: 'left', toCell: ({ fingerprint }) => fingerprint },
      { title: 'TIMES', align: 'right', toCell: ({ times }) => String(times) },
      { title: 'LAST SEEN', align: 'left', toCell: ({ lastSeenAtMs }) => toMinuteText(lastSeenAtMs) },
      { title: 'STATUS', align: 'left', toCell: ({ status }) => status },
    ],
    entries,
  );
}

/** Each group in two lines: its figures, and what its newest entry says. */
export function renderGroups(groups: readonly ErrorGroup[]): string {
  const [head = '', rule = '', ...lines] = renderTable<ErrorGroup>(
    [
      { title: 'ENTRIES', align: 'right', toCell: ({ entries }) => entries.toLocaleString('en-US') },
      { title: 'TIMES', align: 'right', toCell: ({ times }) => times.toLocaleString('en-US') },
      { title: 'MALLS', align: 'right', toCell: ({ malls }) => String(malls) },
      { title: 'LAST SEEN', align: 'left', toCell: ({ lastSeenAtMs }) => toMinuteText(lastSeenAtMs) },
      { title: 'FINGERPRINT', align: 'left', toCell: ({ fingerprint }) => fingerprint },
    ],
    groups,
  ).split('\n');
  return [head, rule, ...lines.map((line, index) => `${line}\n    ${groups[index]?.sampleMessage ?? ''}`)].join('\n');
}

function toKeyCell(entry: ErrorEntry): string {
  if (isOfExecutions(entry)) return `execution ${entry.executionId}`;
  return shorten(entry.rowKey ?? '-');
}

function shorten(text: string): string {
  return text.length <= LONGEST_KEY ? text : `${text.slice(0, LONGEST_KEY - 1)}…`;
}
