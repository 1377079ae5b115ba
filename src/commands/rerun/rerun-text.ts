import { renderTable } from '../../adapters/telemetry/table.ts';
import type { FailureReason } from '../../domain/failure.ts';
import { FAILURES } from '../../domain/failure.ts';
import { toPeriodText } from '../time-text.ts';
import type { Followed } from './follow-requests.ts';
import type { RerunItem } from './rerun-outcome.ts';

const LONGEST_RESULT = 44;

export function toRerunDocument(key: string, { requests, isServed }: Followed, items: readonly RerunItem[]): object {
  return {
    key,
    isServed,
    requests: requests.map((request) => ({
      requestId: request.requestId,
      kind: request.kind,
      domainType: request.domainType,
      startDate: request.startDate,
      endDate: request.endDate,
      pageSize: request.pageSize,
      reason: request.reason,
      state: request.state,
      items: items.filter((item) => item.request === request).map(toItemDocument),
    })),
  };
}

function toItemDocument({ mallId, outcome, executionId, result, reason }: RerunItem): object {
  return {
    mallId,
    outcome,
    executionId,
    result,
    failureReason: reason,
    advice: reason === null ? null : FAILURES[reason].advice,
  };
}

export function renderRerun(key: string, { isServed, requests }: Followed, items: readonly RerunItem[]): string {
  if (requests.length === 0) return 'nothing failed that is not mended\n';
  const table = renderTable<RerunItem>(
    [
      { title: 'REQUEST', align: 'right', toCell: ({ request }) => String(request.requestId) },
      { title: 'MALL', align: 'right', toCell: ({ mallId }) => String(mallId) },
      { title: 'DOMAIN', align: 'left', toCell: ({ request }) => request.domainType },
      { title: 'PERIOD', align: 'left', toCell: ({ request }) => toPeriodText(request.startDate, request.endDate) },
      { title: 'OUTCOME', align: 'left', toCell: ({ outcome }) => outcome },
      { title: 'EXECUTION', align: 'right', toCell: ({ executionId }) => String(executionId ?? '-') },
      { title: 'RESULT', align: 'left', toCell: ({ reason, result }) => shorten(reason ?? result ?? '') },
    ],
    items,
  );
  const sections = [
    table,
    renderFailures(items),
    renderWaiting(items, isServed),
    `Key ${key}: with --key ${key} the same is asked for once.`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function renderFailures(items: readonly RerunItem[]): string {
  const byReason = new Map<FailureReason, RerunItem[]>();
  for (const item of items) {
    if (item.reason !== null) byReason.set(item.reason, [...(byReason.get(item.reason) ?? []), item]);
  }
  return [...byReason]
    .map(([reason, group]) => {
      const malls = [...new Set(group.map(({ mallId }) => mallId))].join(', ');
      const message = group[0]?.result?.slice(reason.length + 2) ?? '';
      return `${reason}: mall ${malls}\n    ${message}\n    ${FAILURES[reason].advice}`;
    })
    .join('\n');
}

function renderWaiting(items: readonly RerunItem[], isServed: boolean): string {
  if (!items.some(({ outcome }) => outcome === 'waiting' || outcome === 'started')) return '';
  return isServed
    ? 'A server sees to what is waiting or started: `mallsync status`, or the same command with --wait and the key.'
    : 'No server is connected: `mallsync serve` takes what is waiting, or the same command with --wait and the key.';
}

function shorten(text: string): string {
  return text.length <= LONGEST_RESULT ? text : `${text.slice(0, LONGEST_RESULT - 1)}…`;
}
