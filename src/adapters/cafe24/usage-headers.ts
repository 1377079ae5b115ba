import type { HttpAnswer } from './transport.ts';
import type { UsageReport } from '../../domain/rate-budget.ts';

/** What an answer says of the calls that are left. */
export interface CallLimits extends UsageReport {
  /** Seconds until the usage quota lets calls through again; absent while it is not used up. */
  readonly remainSeconds?: number;
}

const CALL_LIMIT = /^(\d+)\s*\/\s*(\d+)$/;

/** Reads the bucket and quota headers; one that is absent or malformed is left out. */
export function readCallLimits(headers: HttpAnswer['headers']): CallLimits {
  const limit = CALL_LIMIT.exec(headers.get('x-api-call-limit')?.trim() ?? '');
  const callUsagePercent = toNumber(headers.get('x-cafe24-call-usage'));
  const timeUsagePercent = toNumber(headers.get('x-cafe24-time-usage'));
  const remains = [toNumber(headers.get('x-cafe24-call-remain')), toNumber(headers.get('x-cafe24-time-remain'))];
  const remainSeconds = Math.max(...remains.map((seconds) => seconds ?? 0));
  return {
    ...(limit === null ? {} : { used: Number(limit[1]), size: Number(limit[2]) }),
    ...(callUsagePercent === undefined ? {} : { callUsagePercent }),
    ...(timeUsagePercent === undefined ? {} : { timeUsagePercent }),
    ...(remainSeconds > 0 ? { remainSeconds } : {}),
  };
}

function toNumber(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** The higher of the two usages in percent; 0 when neither is known. */
export function toUsagePercent(report: UsageReport): number {
  return Math.max(report.callUsagePercent ?? 0, report.timeUsagePercent ?? 0);
}
