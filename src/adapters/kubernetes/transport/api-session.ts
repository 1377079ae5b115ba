import type { Clock } from '../../../domain/clock.ts';
import type { Credentials, Identity } from './credentials.ts';
import type { HttpRequest } from './exchange.ts';
import type { KubeCall } from './kube-client.ts';
import type { WirePurpose } from './wire.ts';

export type RequestVerb = KubeCall['verb'] | 'watch';

/** One HTTP request, repeats counted singly. */
export interface EndedRequest {
  readonly verb: RequestVerb;
  readonly method: HttpRequest['method'];
  readonly host: string;
  /** The HTTP status, or `<error>` where there was none. */
  readonly code: string;
  /** Of a watch: until it was accepted. */
  readonly seconds: number;
}

/** None of these may throw. */
export interface TransportObserver {
  onRequest(request: EndedRequest): void;
  onConnectionOpened(purpose: WirePurpose): void;
  onConnectionClosed(purpose: WirePurpose): void;
}

/** What all requests to one API server share. */
export interface ApiSession {
  readonly clock: Clock;
  readonly observer: TransportObserver;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  readonly host: string;
  /** Stands before every path; without a slash at its end. */
  readonly pathPrefix: string;
  readonly userAgent: string;
  readonly credentials: Credentials;
}

const METHODS: Readonly<Record<RequestVerb, HttpRequest['method']>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
};

export function toHttpRequest(
  session: ApiSession,
  identity: Identity,
  call: Pick<KubeCall, 'path' | 'query' | 'body' | 'contentType'> & { readonly verb: RequestVerb },
): HttpRequest {
  const query = new URLSearchParams(call.query).toString();
  const hasBody = call.body !== undefined;
  return {
    method: METHODS[call.verb],
    path: `${session.pathPrefix}${call.path}${query === '' ? '' : `?${query}`}`,
    headers: {
      accept: 'application/json',
      'user-agent': session.userAgent,
      ...identity.headers,
      ...(hasBody ? { 'content-type': call.contentType ?? 'application/json' } : {}),
    },
    ...(hasBody ? { body: JSON.stringify(call.body) } : {}),
  };
}

/** Tells the observer of a request that began at `sentAtMs`; `status` is null where there was no answer. */
export function observeRequest(session: ApiSession, verb: RequestVerb, sentAtMs: number, status: number | null): void {
  session.observer.onRequest({
    verb,
    method: METHODS[verb],
    host: session.host,
    code: status === null ? '<error>' : String(status),
    seconds: (session.clock.monotonicMs() - sentAtMs) / 1_000,
  });
}

/** The body of an answer; null where it has none or is no JSON. */
export function parseLenient(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
