import Pool from 'undici/lib/dispatcher/pool.js';
import buildConnector from 'undici/lib/core/connect.js';
import type { buildConnector as Connector, Dispatcher, Pool as PoolTypes } from 'undici';
import type { Clock } from '../../../domain/clock.ts';
import type { TlsSettings } from './credentials.ts';

export type WirePurpose = 'calls' | 'watches' | 'lease';

/** One set of connections under one TLS identity. */
export interface Link {
  readonly pool: Dispatcher;
  /** When the server last sent anything on it, by the monotonic clock. */
  heardAtMs: number;
}

/** The way of one purpose to the server: one connection with HTTP/2, a few with HTTP/1.1. */
export interface Wire {
  /** The link for new requests. Waits while another request is finding out which protocol the server speaks. */
  open(tls: TlsSettings): Promise<Link>;
  /** Nothing came on `link` since `sinceMs` though it should: if that is so, new requests take a new connection. */
  suspect(link: Link, sinceMs: number): void;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

export interface WireOptions {
  readonly purpose: WirePurpose;
  readonly origin: string;
  readonly clock: Clock;
  /** With HTTP/1.1; null: as many as there are requests. */
  readonly http1Connections: number | null;
  readonly onOpened: () => void;
  readonly onClosed: () => void;
}

type Protocol = 'h2' | 'http/1.1';

const CONNECT_TIMEOUT_MS = 10_000;
/** Load balancers forget a silent connection after 60 s. */
const TCP_KEEP_ALIVE_MS = 30_000;
/** The server ends idle connections after 90 s by itself; ours need not come first. */
const IDLE_MS = 600_000;
/** More than the calls' slots, fewer than the 100 that API servers grant at least. */
const MOST_STREAMS = 100;
const LARGEST_BODY_BYTES = 128 * 1_024 * 1_024;

export function createWire(options: WireOptions): Wire {
  const { clock, origin } = options;
  const retiring = new Map<Link, Promise<void>>();
  let protocol: Protocol | null = origin.startsWith('https:') ? null : 'http/1.1';
  let current: { readonly link: Link; readonly tls: TlsSettings } | null = null;
  let discovery: PromiseWithResolvers<void> | null = null;
  let isClosed = false;

  const retire = (): void => {
    if (current === null) return;
    const { link } = current;
    current = null;
    retiring.set(
      link,
      link.pool.close().then(
        () => void retiring.delete(link),
        () => void retiring.delete(link),
      ),
    );
  };
  const onConnected = (found: Protocol | null): void => {
    if (found !== null && found !== protocol) {
      // A link made for HTTP/2 has a single connection, which would serve one HTTP/1.1 request at a time.
      if (found === 'http/1.1') retire();
      protocol = found;
    }
    discovery?.resolve();
    discovery = null;
  };

  const onDisconnected = (link: Link): void => {
    // After a GOAWAY the pool would connect again only when its last stream has ended, and a watch is a long one.
    if (current?.link === link && protocol === 'h2') retire();
  };

  const open = async (tls: TlsSettings): Promise<Link> => {
    if (discovery !== null) {
      await discovery.promise;
      return open(tls);
    }
    if (isClosed) throw new Error('the transport has been closed');
    if (protocol === null) discovery = Promise.withResolvers();
    if (current?.tls !== tls) {
      retire();
      const pool = createPool(options, tls, protocol, onConnected);
      const link: Link = { pool, heardAtMs: clock.monotonicMs() };
      pool.on('disconnect', () => onDisconnected(link));
      current = { link, tls };
    }
    return current.link;
  };

  return {
    open,
    suspect(link, sinceMs) {
      if (current?.link === link && protocol === 'h2' && link.heardAtMs <= sinceMs) retire();
    },
    async close() {
      isClosed = true;
      const links = [...retiring.keys(), ...(current === null ? [] : [current.link])];
      await Promise.all(links.map((link) => link.pool.destroy()));
    },
  };
}

function createPool(
  options: WireOptions,
  tls: TlsSettings,
  protocol: Protocol | null,
  onConnected: (found: Protocol | null) => void,
): Dispatcher {
  const allowH2 = protocol !== 'http/1.1';
  const settings: PoolTypes.Options = {
    allowH2,
    connections: allowH2 ? 1 : options.http1Connections,
    h2Options: { maxConcurrentStreams: MOST_STREAMS },
    keepAliveTimeout: IDLE_MS,
    // Deadlines are the transport's own.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: options.purpose === 'watches' ? -1 : LARGEST_BODY_BYTES,
    connect: createConnector(options, tls, allowH2, onConnected),
  };
  return new Pool(options.origin, settings);
}

function createConnector(
  options: WireOptions,
  tls: TlsSettings,
  allowH2: boolean,
  onConnected: (found: Protocol | null) => void,
): Connector.connector {
  const connect = buildConnector({
    ...tls,
    allowH2,
    preferH2: allowH2,
    timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  });
  return (target, callback) =>
    connect(target, (...result) => {
      const [error, socket] = result;
      if (error !== null) {
        onConnected(null);
      } else {
        options.onOpened();
        socket.once('close', options.onClosed);
        onConnected('alpnProtocol' in socket && socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1');
      }
      callback(...result);
    });
}
