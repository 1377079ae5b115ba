import type { Dispatcher } from 'undici';
import { ClusterError } from '../../../controller/cluster-error.ts';
import type { Clock } from '../../../domain/clock.ts';
import { OVER } from './deadline.ts';
import type { Link } from './wire.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpHead {
  readonly status: number;
  readonly retryAfter: string | null;
}

/** What becomes of a request. Exactly one of `onEnd` and `onBroken` is called, and nothing after it. */
export interface ExchangeHandler {
  onHead(head: HttpHead): void;
  onChunk(chunk: Buffer): void;
  onEnd(): void;
  onBroken(error: Error): void;
}

export interface Exchange {
  /** Breaks it with `reason`, also while it still waits for a connection. */
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** The connection broke, or was never made. */
export class ConnectionError extends ClusterError {
  readonly hasAnswerBegun: boolean;

  constructor(cause: Error, hasAnswerBegun: boolean) {
    super('unavailable', `no answer from the API server: ${cause.message}`, { cause });
    this.hasAnswerBegun = hasAnswerBegun;
  }
}

/**
 * An HTTP/2 stream that is destroyed before its body has left makes Node send empty frames without end. What is given up
 * is therefore left to itself for so long.
 */
const FLUSH_MS = 1_000;

/** Sends a request and hands its answer over as it comes: a stream in between would cost more than it gives. */
export function startExchange(link: Link, clock: Clock, request: HttpRequest, handler: ExchangeHandler): Exchange {
  let controller: Dispatcher.DispatchController | null = null;
  let hasAnswerBegun = false;
  let isOver = false;
  const gone = new AbortController();
  const breakOff = (error: Error): void => {
    if (isOver) return;
    isOver = true;
    handler.onBroken(error);
  };
  link.pool.dispatch(
    { method: request.method, path: request.path, headers: { ...request.headers }, body: request.body ?? null },
    {
      onRequestStart(started) {
        controller = started;
        if (isOver) started.abort(new Error('given up before it was sent'));
      },
      onResponseStart(_, status, headers) {
        link.heardAtMs = clock.monotonicMs();
        hasAnswerBegun = true;
        if (!isOver) handler.onHead({ status, retryAfter: readRetryAfter(headers) });
      },
      onResponseData(_, chunk) {
        link.heardAtMs = clock.monotonicMs();
        if (!isOver) handler.onChunk(chunk);
      },
      onResponseEnd() {
        gone.abort(OVER);
        if (isOver) return;
        isOver = true;
        handler.onEnd();
      },
      onResponseError(_, error) {
        gone.abort(OVER);
        breakOff(new ConnectionError(error, hasAnswerBegun));
      },
    },
  );
  return {
    abort(reason) {
      breakOff(reason);
      if (request.body === undefined) controller?.abort(reason);
      else
        clock.sleep(FLUSH_MS, gone.signal).then(
          () => controller?.abort(reason),
          () => undefined,
        );
    },
    pause: () => controller?.pause(),
    resume: () => controller?.resume(),
  };
}

function readRetryAfter(headers: Readonly<Record<string, string | string[] | undefined>>): string | null {
  const value = headers['retry-after'];
  return (Array.isArray(value) ? value.at(-1) : value) ?? null;
}

export interface HttpAnswer extends HttpHead {
  readonly body: Buffer;
}

/** One request with its whole answer. @throws ConnectionError, or the signal's reason */
export async function exchange(
  link: Link,
  clock: Clock,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const chunks: Buffer[] = [];
  let head: HttpHead = { status: 0, retryAfter: null };
  const running = startExchange(link, clock, request, {
    onHead: (received) => (head = received),
    onChunk: (chunk) => void chunks.push(chunk),
    onEnd: () => resolve({ ...head, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) }),
    onBroken: reject,
  });
  const onAbort = (): void => running.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
