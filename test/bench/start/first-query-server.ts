import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface FirstQueryServer {
  readonly port: number;
  /** Milliseconds since 1970, of the first message after the sign-in of any connection. */
  readonly firstQueryAtMs: Promise<number>;
  close(): Promise<void>;
}

const SSL_REQUEST = 80877103;
/** AuthenticationOk, and ReadyForQuery in no transaction. */
const SIGNED_IN = Buffer.from([...frame('R', [0, 0, 0, 0]), ...frame('Z', ['I'.charCodeAt(0)])]);

/** Takes connections as PostgreSQL does, lets everybody in, and answers no query. */
export async function startFirstQueryServer(): Promise<FirstQueryServer> {
  const sockets = new Set<Socket>();
  const { promise: firstQueryAtMs, resolve } = Promise.withResolvers<number>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let isSignedIn = false;
    socket.on('data', (bytes) => {
      if (isSignedIn) resolve(performance.timeOrigin + performance.now());
      else if (bytes.length >= 8 && bytes.readInt32BE(4) === SSL_REQUEST) socket.write('N');
      else {
        isSignedIn = true;
        socket.write(SIGNED_IN);
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    firstQueryAtMs,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function frame(type: string, body: readonly number[]): readonly number[] {
  return [type.charCodeAt(0), 0, 0, 0, body.length + 4, ...body];
}
