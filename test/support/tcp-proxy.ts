import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';

/** A way to a server that can be cut and mended: for its clients the server dies and comes back at the same address. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Resets every connection and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** From now on nothing passes in either direction, and nobody is told: connections stay, new ones are accepted. */
  swallow(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(targetHost: string, targetPort: number): Promise<TcpProxy> {
  const host = '127.0.0.1';
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  const server = createServer((incoming) => {
    if (isSwallowing) incoming.pause();
    const outgoing = connect(targetPort, targetHost);
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        incoming.destroy();
        outgoing.destroy();
      });
    }
    if (!isSwallowing) incoming.pipe(outgoing).pipe(incoming);
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, host);
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  };
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  const port = await listen(0);
  return {
    host,
    port,
    cut,
    swallow() {
      isSwallowing = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    async mend() {
      await listen(port);
    },
    close: cut,
  };
}
