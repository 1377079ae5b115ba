import type { SyncError } from '../../domain/errors.ts';
import { TerminalError, TransientError } from '../../domain/errors.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { ErrorBody } from './error-body.ts';
import { readErrorBody, saysAppIsGone, saysScopeIsMissing } from './error-body.ts';
import type { HttpAnswer } from './transport.ts';
import { readCallLimits, toUsagePercent } from './usage-headers.ts';

/** A statistics endpoint that Cafe24 opens to approved apps only; figures can be had from orders instead. */
export class NotApprovedError extends TerminalError {}

export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'token-refused' }
  /** The endpoint's bucket is full: no call to it for so long. */
  | { readonly kind: 'bucket-full'; readonly blockMs: number }
  /** The mall's usage quota is spent: no call at all for so long. */
  | { readonly kind: 'quota-spent'; readonly blockMs: number }
  | { readonly kind: 'failed'; readonly error: SyncError };

interface StatusRule {
  readonly reason: FailureReason;
  readonly isTransient: boolean;
  readonly maySucceedSmaller?: boolean;
  readonly meaning: string;
}

const RULES: Readonly<Record<number, StatusRule>> = {
  400: { reason: 'UpstreamContract', isTransient: false, meaning: 'the request was malformed' },
  403: { reason: 'PermissionDenied', isTransient: false, meaning: 'the app may not call it; a scope is missing' },
  404: { reason: 'UpstreamContract', isTransient: false, meaning: 'there is no such resource' },
  408: { reason: 'UpstreamUnavailable', isTransient: true, meaning: 'the request took too long' },
  414: { reason: 'UpstreamContract', isTransient: false, meaning: 'the request was too long' },
  415: { reason: 'UpstreamContract', isTransient: false, meaning: 'the content type was refused' },
  500: { reason: 'UpstreamUnavailable', isTransient: true, meaning: 'an internal error' },
  502: { reason: 'UpstreamUnavailable', isTransient: true, meaning: 'its gateway had no answer' },
  503: { reason: 'UpstreamUnavailable', isTransient: true, meaning: 'it is down or under maintenance' },
  504: { reason: 'UpstreamUnavailable', isTransient: true, maySucceedSmaller: true, meaning: 'it took too long' },
};
const OTHER_CLIENT_ERROR: StatusRule = {
  reason: 'UpstreamContract',
  isTransient: false,
  meaning: 'a status this version does not know',
};
const OTHER_SERVER_ERROR: StatusRule = {
  reason: 'UpstreamUnavailable',
  isTransient: true,
  meaning: 'a server error this version does not know',
};

const LEAK_PER_SECOND = 2;
const SHORTEST_BLOCK_MS = 500;
const LONGEST_BUCKET_BLOCK_MS = 30_000;
const UNKNOWN_QUOTA_BLOCK_MS = 60_000;
const LONGEST_RETRY_AFTER_SECONDS = 600;

/**
 * What an answer of the Admin API means. Its body and its wording never reach a message: they may hold what no log may.
 * @param refusals how many 429 this call has met before in a row; each lets a bucket wait grow
 */
export function decideOutcome(answer: HttpAnswer, endpoint: string, refusals: number): Outcome {
  if (answer.status === 200) return { kind: 'ok' };
  if (answer.status === 401) return { kind: 'token-refused' };
  if (answer.status === 429) return decideBlock(answer, refusals);
  const body = readErrorBody(answer.body);
  if (answer.status === 403) return { kind: 'failed', error: toForbiddenError(endpoint, body) };
  if (answer.status === 422) return { kind: 'failed', error: toInvalidError(endpoint, body) };
  return { kind: 'failed', error: toError(answer, endpoint) };
}

function decideBlock(answer: HttpAnswer, refusals: number): Outcome {
  const limits = readCallLimits(answer.headers);
  if (limits.remainSeconds !== undefined) {
    // One second more, since the header is rounded and a call made too early lengthens the block.
    return { kind: 'quota-spent', blockMs: (limits.remainSeconds + 1) * 1_000 };
  }
  if (toUsagePercent(limits) >= 100) return { kind: 'quota-spent', blockMs: UNKNOWN_QUOTA_BLOCK_MS };
  const overflow = Math.max(0, (limits.used ?? 0) - (limits.size ?? 0)) + 1;
  const blockMs = Math.max(SHORTEST_BLOCK_MS, (overflow / LEAK_PER_SECOND) * 1_000) * 2 ** Math.min(refusals, 10);
  return { kind: 'bucket-full', blockMs: Math.min(blockMs, LONGEST_BUCKET_BLOCK_MS) };
}

function toForbiddenError(endpoint: string, body: ErrorBody): SyncError {
  if (saysAppIsGone(body)) {
    return new TerminalError(
      'AppUninstalled',
      `Cafe24 refused ${endpoint}: the app is not installed in this mall (403)`,
    );
  }
  if (isStatistics(endpoint) && !saysScopeIsMissing(body)) {
    return new NotApprovedError('PermissionDenied', `Cafe24 refused ${endpoint}: the app is not approved for it (403)`);
  }
  return new TerminalError('PermissionDenied', `Cafe24 refused ${endpoint}: ${RULES[403]?.meaning} (403)`);
}

function isStatistics(endpoint: string): boolean {
  return endpoint.startsWith('reports/') || endpoint.startsWith('financials/');
}

function toInvalidError(endpoint: string, body: ErrorBody): SyncError {
  const parameter = body.parameter === undefined ? 'a parameter' : `the parameter ${body.parameter}`;
  const isOurRange = /^(?:limit|offset|start_date|end_date)$/.test(body.parameter ?? '');
  const hint = isOurRange ? '; this program asked beyond the limits of the API' : '';
  return new TerminalError('UpstreamContract', `Cafe24 refused ${parameter} of ${endpoint} (422)${hint}`);
}

function toError(answer: HttpAnswer, endpoint: string): SyncError {
  const rule = RULES[answer.status] ?? (answer.status >= 500 ? OTHER_SERVER_ERROR : OTHER_CLIENT_ERROR);
  const message = `Cafe24 answered ${answer.status} to ${endpoint}: ${rule.meaning}`;
  if (!rule.isTransient) return new TerminalError(rule.reason, message);
  const retryAfterMs = readRetryAfterMs(answer);
  return new TransientError(rule.reason, message, {
    maySucceedSmaller: rule.maySucceedSmaller ?? false,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Retry-After in seconds; Cafe24 documents none, but a gateway before it may send one. */
export function readRetryAfterMs(answer: HttpAnswer): number | undefined {
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return seconds > 0 ? Math.min(seconds, LONGEST_RETRY_AFTER_SECONDS) * 1_000 : undefined;
}
