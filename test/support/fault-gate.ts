import { once } from 'node:events';
import { createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from 'node:http';

/** A call of the API as the gate sees it. */
export interface GateCall {
  /** What follows `/api/v2/admin/`, or the OAuth path. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface HeldCalls {
  /** Resolves when the first call that matches has come. */
  readonly arrived: Promise<GateCall>;
  /** Resolves when the process has given one of them up. */
  readonly givenUp: Promise<void>;
  /** Lets the held calls through, and all later ones. */
  readonly release: () => void;
}

/** A way to the simulator that one process uses alone, so that its calls can be seen and held without any others'. */
export interface FaultGate {
  /** For MALLSYNC_CAFE24_URL. */
  readonly cafe24Url: string;
  readonly calls: readonly GateCall[];
  /** Holds every call that matches until it is released; a call whose process is gone is dropped. */
  hold(matches: (call: GateCall) => boolean): HeldCalls;
  close(): Promise<void>;
}

interface Hold {
  readonly matches: (call: GateCall) => boolean;
  readonly noteArrival: (call: GateCall) => void;
  readonly noteGivenUp: () => void;
  readonly released: Promise<void>;
}

export async function openFaultGate(simulatorUrl: string): Promise<FaultGate> {
  const calls: GateCall[] = [];
  const holds = new Set<Hold>();
  const server = createServer((incoming, response) => {
    const call = toCall(incoming, simulatorUrl);
    calls.push(call);
    void pass(incoming, response, call);
  });
  server.keepAliveTimeout = 60_000;

  async function pass(incoming: IncomingMessage, response: ServerResponse, call: GateCall): Promise<void> {
    for (const hold of holds) {
      if (!hold.matches(call)) continue;
      hold.noteArrival(call);
      response.once('close', hold.noteGivenUp);
      await hold.released;
      response.off('close', hold.noteGivenUp);
    }
    if (incoming.socket.destroyed) return;
    forward(incoming, response, simulatorUrl);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    cafe24Url: `http://127.0.0.1:${port}/{mall_id}`,
    calls,
    hold(matches) {
      const arrival = Promise.withResolvers<GateCall>();
      const givenUp = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const hold: Hold = {
        matches,
        noteArrival: arrival.resolve,
        noteGivenUp: givenUp.resolve,
        released: release.promise,
      };
      holds.add(hold);
      return {
        arrived: arrival.promise,
        givenUp: givenUp.promise,
        release() {
          holds.delete(hold);
          release.resolve();
        },
      };
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function toCall(incoming: IncomingMessage, base: string): GateCall {
  const url = new URL(incoming.url ?? '/', base);
  return { path: url.pathname.replace(/^\/[^/]+\/api\/v2\/(?:admin\/)?/, ''), query: url.searchParams };
}

/** Whatever breaks on one side breaks on the other. */
function forward(incoming: IncomingMessage, response: ServerResponse, base: string): void {
  const url = new URL(incoming.url ?? '/', base);
  const outgoing = sendRequest(url, { method: incoming.method ?? 'GET', headers: incoming.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  response.on('close', () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  incoming.pipe(outgoing);
}

/** A page of a list that begins at this offset or later. */
export function isPageFrom(offset: number): (call: GateCall) => boolean {
  return (call) => call.query.has('limit') && Number(call.query.get('offset') ?? 0) >= offset;
}
