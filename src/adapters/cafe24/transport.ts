import type { Dispatcher } from 'undici';
import Agent from 'undici/lib/dispatcher/agent.js';
import type { Clock } from '../../domain/clock.ts';
import { HttpFailure } from './http-failure.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Instead of the transport's deadline for a whole call. */
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; the last of a repeated header. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface TransportSettings {
  readonly connectTimeoutMs: number;
  /** From the request to the answer's headers. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of a body. */
  readonly bodyTimeoutMs: number;
  /** The whole call, queueing for a connection included. */
  readonly callTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly connectionsPerOrigin: number;
}

export const DEFAULT_TRANSPORT: TransportSettings = {
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 60_000,
  bodyTimeoutMs: 30_000,
  callTimeoutMs: 120_000,
  maxBodyBytes: 48 * 1024 * 1024,
  connectionsPerOrigin: 128,
};

/** The connections to all malls; one a process (or worker thread) is enough. */
export interface Transport {
  /**
   * One HTTP exchange with its whole body, whatever the status.
   * @throws HttpFailure when there is no complete answer; the signal's reason when it aborted.
   */
  exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export function createTransport(clock: Clock, settings: TransportSettings = DEFAULT_TRANSPORT): Transport {
  const agent = new Agent({
    allowH2: false,
    connections: settings.connectionsPerOrigin,
    connectTimeout: settings.connectTimeoutMs,
    headersTimeout: settings.headersTimeoutMs,
    bodyTimeout: settings.bodyTimeoutMs,
    maxResponseSize: settings.maxBodyBytes,
  });
  return {
    async exchange(request, signal) {
      signal.throwIfAborted();
      const exchange = startExchange(agent, request);
      const onAbort = (): void => exchange.abort(new HttpFailure('aborted', 'stopped on request'));
      signal.addEventListener('abort', onAbort, { once: true });
      const finished = new AbortController();
      void abortWhenLate(exchange, clock, request.timeoutMs ?? settings.callTimeoutMs, finished.signal);
      try {
        return await exchange.answer;
      } catch (thrown) {
        if (signal.aborted) throw signal.reason;
        throw thrown instanceof HttpFailure ? thrown : HttpFailure.of(thrown);
      } finally {
        signal.removeEventListener('abort', onAbort);
        finished.abort();
      }
    },
    async close() {
      await agent.destroy();
    },
  };
}

async function abortWhenLate(
  exchange: Exchange,
  clock: Clock,
  timeoutMs: number,
  finished: AbortSignal,
): Promise<void> {
  try {
    await clock.sleep(timeoutMs, finished);
  } catch {
    return;
  }
  exchange.abort(new HttpFailure('timeout', `no complete answer within ${timeoutMs} ms`));
}

interface Exchange {
  readonly answer: Promise<HttpAnswer>;
  abort(reason: Error): void;
}

/** Takes the body as undici hands it over: no stream in between, which would cost a third of the time of a page. */
function startExchange(agent: Dispatcher, request: HttpRequest): Exchange {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const chunks: Buffer[] = [];
  let status = 0;
  let headers: ReadonlyMap<string, string> = new Map();
  let controller: Dispatcher.DispatchController | undefined;
  let abortReason: Error | undefined;
  agent.dispatch(
    {
      method: request.method,
      origin: request.origin,
      path: request.path,
      headers: { ...request.headers },
      body: request.body ?? null,
    },
    {
      onRequestStart(started) {
        controller = started;
        if (abortReason !== undefined) started.abort(abortReason);
      },
      onResponseStart(_, statusCode, received) {
        status = statusCode;
        headers = toHeaderMap(received);
      },
      onResponseData(_, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        resolve({ status, headers, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) });
      },
      onResponseError(_, error) {
        reject(error);
      },
    },
  );
  return {
    answer: promise,
    abort(reason) {
      abortReason = reason;
      controller?.abort(reason);
      reject(reason);
    },
  };
}

function toHeaderMap(received: Readonly<Record<string, string | string[] | undefined>>): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(received)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) headers.set(name.toLowerCase(), last);
  }
  return headers;
}
