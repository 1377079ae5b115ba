import { z } from 'zod';
import { ClusterError, type ClusterErrorKind } from '../../../controller/cluster-error.ts';

const BY_STATUS: Readonly<Record<number, ClusterErrorKind>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  408: 'timeout',
  409: 'conflict',
  410: 'gone',
  413: 'invalid',
  415: 'invalid',
  422: 'invalid',
  429: 'throttled',
  504: 'timeout',
};

/** Where the Status object says more than the HTTP status. */
const BY_REASON: Readonly<Record<string, ClusterErrorKind>> = {
  AlreadyExists: 'already-exists',
  Expired: 'gone',
};

const NAMESPACE_ENDS = 'NamespaceTerminating';
const withCauses = z.object({ details: z.object({ causes: z.array(z.object({ reason: z.string() })) }) });

const LONGEST_MESSAGE = 1_000;

/** A `Status` object as it stands in an answer that is no success, or in an ERROR event of a watch. */
export interface StatusFacts {
  readonly reason: string | null;
  readonly message: string | null;
}

/** What the server says by an HTTP status that is no success. `body` is whatever it sent along. */
export function toStatusError(status: number, body: unknown, retryAfter: string | null = null): ClusterError {
  const { reason, message } = readStatus(body);
  const kind = BY_REASON[reason ?? ''] ?? BY_STATUS[status] ?? (status >= 500 ? 'unavailable' : 'invalid');
  const retryAfterMs = toRetryAfterMs(retryAfter);
  return new ClusterError(kind, message ?? `the API server answered ${status}`, {
    status,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    isNamespaceEnding: readCauses(body).includes(NAMESPACE_ENDS),
  });
}

export function readStatus(body: unknown): StatusFacts {
  if (typeof body !== 'object' || body === null) return { reason: null, message: null };
  const reason = 'reason' in body && typeof body.reason === 'string' ? body.reason : null;
  const message = 'message' in body && typeof body.message === 'string' ? body.message : null;
  return { reason, message: message?.slice(0, LONGEST_MESSAGE) ?? null };
}

function readCauses(body: unknown): readonly string[] {
  const { data } = withCauses.safeParse(body);
  return data?.details.causes.map(({ reason }) => reason) ?? [];
}

/** The API server sends whole seconds, never a date. */
function toRetryAfterMs(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header.trim()) ? Number(header) * 1_000 : null;
}
