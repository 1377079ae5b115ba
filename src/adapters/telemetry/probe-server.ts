import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface ProbeOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  isReady(): Promise<boolean>;
  renderMetrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface ProbeServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves /livez, /readyz and /metrics. */
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
  const path = (request.url ?? '/').split('?', 1)[0];
  try {
    if (path === '/livez') send(response, 200, 'ok\n');
    else if (path === '/readyz') await sendReadiness(response, options);
    else if (path === '/metrics') {
      const { contentType, text } = await options.renderMetrics();
      send(response, 200, text, contentType);
    } else send(response, 404, 'not found\n');
  } catch {
    send(response, 503, 'not available\n');
  }
}

async function sendReadiness(response: ServerResponse, options: ProbeOptions): Promise<void> {
  const isReady = await options.isReady();
  send(response, isReady ? 200 : 503, isReady ? 'ok\n' : 'not ready\n');
}

function send(response: ServerResponse, status: number, text: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
