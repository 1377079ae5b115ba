import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../domain/clock.ts';
import { runChecks, type ProbeCheck } from './probe-check.ts';

export interface ProbeOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Pick<Clock, 'sleep'>;
  /** What a restart would mend. That it is asked at all shows that the process answers. */
  readonly live: readonly ProbeCheck[];
  /** What the process cannot do its work without. */
  readonly ready: readonly ProbeCheck[];
  renderMetrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface ProbeServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves /livez, /readyz (each with `?verbose` for its checks one by one) and /metrics. */
export async function startProbeServer(options: ProbeOptions): Promise<ProbeServer> {
  const server = createServer((request, response) => {
    void answer(request, response, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://${options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ProbeOptions): Promise<void> {
  const [path, query] = (request.url ?? '/').split('?', 2);
  const isVerbose = new URLSearchParams(query).has('verbose');
  try {
    if (path === '/livez') await sendReport(response, 'livez', options.live, options.clock, isVerbose);
    else if (path === '/readyz') await sendReport(response, 'readyz', options.ready, options.clock, isVerbose);
    else if (path === '/metrics') {
      const { contentType, text } = await options.renderMetrics();
      send(response, 200, text, contentType);
    } else send(response, 404, 'not found\n');
  } catch {
    send(response, 503, 'not available\n');
  }
}

async function sendReport(
  response: ServerResponse,
  probe: string,
  checks: readonly ProbeCheck[],
  clock: ProbeOptions['clock'],
  isVerbose: boolean,
): Promise<void> {
  const { isPassed, text } = await runChecks(probe, checks, clock);
  send(response, isPassed ? 200 : 503, isPassed && !isVerbose ? 'ok\n' : text);
}

function send(response: ServerResponse, status: number, text: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
