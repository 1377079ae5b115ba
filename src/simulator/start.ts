import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { RowStream } from './control-routes.ts';
import { createControl, type SimulatorControl } from './control.ts';
import { buildApiError, type HttpAnswer } from './http-answer.ts';
import type { MallState } from './mall-state.ts';
import type { SimulatedMall } from './mall.ts';
import { route, type World } from './router.ts';
import { createSimulatorClock } from './simulator-clock.ts';

export interface SimulatorOptions {
  readonly host?: string;
  /** A free one if absent. */
  readonly port?: number;
  /** The same seed, mall and day always give the same rows. */
  readonly seed?: number;
  readonly malls: readonly SimulatedMall[];
  /** Epoch milliseconds; the machine's clock if absent. */
  readonly now?: () => number;
}

export interface Simulator {
  readonly url: string;
  /** With `{mall_id}` in it, as the setting MALLSYNC_CAFE24_URL takes it. */
  readonly cafe24Url: string;
  readonly control: SimulatorControl;
  /** Ends every connection, the hanging ones too. */
  stop(): Promise<void>;
}

function cutBody(response: ServerResponse, body: Buffer): void {
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer, nowMs: number): void {
  const { giveBack } = answer;
  if (giveBack !== undefined) response.once('close', giveBack);
  if (answer.fate === 'hang') return;
  if (answer.fate === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, {
    ...answer.headers,
    date: new Date(nowMs).toUTCString(),
    'content-length': body.length,
  });
  if (answer.fate === 'cut-body') cutBody(response, body);
  else response.end(body);
}

async function sendRows(response: ServerResponse, { rows }: RowStream): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
  async function* toLines(): AsyncGenerator<string> {
    for await (const row of rows) yield `${JSON.stringify(row)}\n`;
  }
  await pipeline(toLines(), response);
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const answer = await route(world, request);
    if ('rows' in answer) await sendRows(response, answer);
    else sendAnswer(request, response, answer, world.clock.nowMs());
  } catch (error) {
    if (world.signal.aborted || response.headersSent) {
      response.destroy();
      return;
    }
    sendAnswer(request, response, buildApiError(500, `The simulator failed: ${String(error)}`), world.clock.nowMs());
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the simulator listens on no port');
  return address.port;
}

/** A stand-in for the Admin API of the given malls, over real HTTP. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, seed = 1 } = options;
  const clock = createSimulatorClock(options.now ?? Date.now);
  const malls = new Map<string, MallState>();
  const control = createControl(malls, seed, clock);
  for (const mall of options.malls) control.addMall(mall);
  const stopping = new AbortController();
  const world: World = { malls, control, clock, signal: stopping.signal };
  const server = createServer((request, response) => void serve(world, request, response));
  server.keepAliveTimeout = 60_000;
  const url = `http://${host}:${await listen(server, host, port)}`;
  return {
    url,
    cafe24Url: `${url}/{mall_id}`,
    control,
    async stop() {
      stopping.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
