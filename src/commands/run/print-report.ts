import type { Database } from '../../adapters/postgres/database.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { listMallsWithSalesFromOrders } from '../../adapters/postgres/sales-from-orders.ts';
import { isComplete } from '../../domain/execution.ts';
import type { Period } from '../../domain/period.ts';
import type { CommandIo } from '../command.ts';
import { printJson } from '../print.ts';
import type { RunReport } from './execution-report.ts';
import type { ReportStyle } from './report-table.ts';
import { renderRunReport } from './report-table.ts';

/** What the report of one period needs from the database beside what the run has told. */
export async function loadReportStyle(
  database: Database,
  report: RunReport,
  period: Period,
  hasColour: boolean,
): Promise<ReportStyle> {
  const malls = await createMallStore(database).listMalls();
  const names = new Map(malls.map((mall) => [mall.mallId, mall.cafe24MallId]));
  const salesMalls = report.executions
    .filter(({ domainType, status }) => domainType === 'SALES' && status !== 'REFUSED' && isComplete(status))
    .map(({ mallId }) => mallId);
  const fromOrders = new Set(
    salesMalls.length === 0 ? [] : await listMallsWithSalesFromOrders(database.pool, salesMalls, period),
  );
  return {
    hasColour,
    nameOf: (mallId) => names.get(mallId) ?? '',
    noteOf: ({ mallId, domainType }) =>
      domainType === 'SALES' && fromOrders.has(mallId)
        ? 'the statistics API is not approved for this app here, so the figures were added up from orders (source = orders)'
        : null,
  };
}

export function printReport(report: RunReport, style: ReportStyle, isJson: boolean, io: CommandIo): void {
  if (isJson) printJson(io, report);
  else io.stdout.write(renderRunReport(report, style));
}
