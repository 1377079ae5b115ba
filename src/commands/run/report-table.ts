import { styleText } from 'node:util';
import type { Column } from '../../adapters/telemetry/table.ts';
import { renderTable } from '../../adapters/telemetry/table.ts';
import { FAILURES } from '../../domain/failure.ts';
import type { ExecutionReport, RunReport } from './execution-report.ts';
import { toTally } from './execution-report.ts';

export interface ReportStyle {
  readonly hasColour: boolean;
  /** What a mall is called beside its number. */
  readonly nameOf: (mallId: number) => string;
  /** What has to be said of an execution that did not fail, if anything. */
  readonly noteOf?: (report: ExecutionReport) => string | null;
}

/** The end of a run for a person: the table, the totals, and each failure with what to do about it. */
export function renderRunReport(report: RunReport, style: ReportStyle): string {
  const sections = [renderTable(buildColumns(style), sortReports(report.executions)), renderTotals(report)];
  for (const remarks of [renderNotes(report, style), renderFailures(report, style)]) {
    if (remarks !== '') sections.push(remarks);
  }
  return `${sections.join('\n\n')}\n`;
}

function buildColumns(style: ReportStyle): readonly Column<ExecutionReport>[] {
  return [
    { title: 'MALL', align: 'left', toCell: ({ mallId }) => `${mallId} ${style.nameOf(mallId)}`.trimEnd() },
    { title: 'DOMAIN', align: 'left', toCell: ({ domainType }) => domainType },
    { title: 'STATUS', align: 'left', toCell: toStatusText },
    number('READ', ({ read }) => read),
    number('INSERTED', ({ inserted }) => inserted),
    number('UPDATED', ({ updated }) => updated),
    number('UNCHANGED', ({ unchanged }) => unchanged),
    number('REJECTED', ({ rejected }) => rejected),
    number('API CALLS', ({ apiCalls }) => apiCalls),
    { title: 'WAITED', align: 'right', toCell: ({ waitMs }) => `${(waitMs / 1_000).toFixed(1)}s` },
    { title: 'SECONDS', align: 'right', toCell: ({ seconds }) => seconds.toFixed(1) },
  ];
}

function number(title: string, of: (report: ExecutionReport) => number): Column<ExecutionReport> {
  return { title, align: 'right', toCell: (report) => of(report).toLocaleString('en-US') };
}

function toStatusText(report: ExecutionReport): string {
  if (report.alreadyComplete) return 'already complete';
  return report.failureReason === null ? report.status : `${report.status} ${report.failureReason}`;
}

function sortReports(reports: readonly ExecutionReport[]): readonly ExecutionReport[] {
  return [...reports].sort(
    (a, b) => a.mallId - b.mallId || a.startDate.localeCompare(b.startDate) || a.domainType.localeCompare(b.domainType),
  );
}

function renderTotals({ totals, seconds }: RunReport): string {
  const parts = [
    `${totals.completed} completed`,
    `${totals.withRejects} completed with rejects`,
    `${totals.alreadyComplete} already complete`,
    `${totals.failed} failed`,
  ];
  return `${parts.join(', ')}; ${totals.read.toLocaleString('en-US')} rows read in ${seconds.toFixed(1)} s`;
}

function renderNotes(report: RunReport, style: ReportStyle): string {
  return sortReports(report.executions)
    .map((each) => ({ each, note: style.noteOf?.(each) ?? null }))
    .filter(({ note }) => note !== null)
    .map(({ each, note }) => `${toHead(each, style)}:\n    ${note}`)
    .join('\n');
}

function toHead(report: ExecutionReport, style: ReportStyle): string {
  return `${report.mallId} ${style.nameOf(report.mallId)} ${report.domainType}`;
}

function renderFailures(report: RunReport, style: ReportStyle): string {
  return sortReports(report.executions)
    .filter((each) => toTally(each) === 'failed')
    .map((each) => {
      const head = `${toHead(each, style)}: ${each.failureReason ?? each.status}`;
      const advice = each.failureReason === null ? '' : `\n    ${FAILURES[each.failureReason].advice}`;
      return `${style.hasColour ? styleText('red', head) : head}\n    ${each.failureMessage ?? ''}${advice}`;
    })
    .join('\n');
}
