import type { AdminContext } from '../context.ts';
import { createPoller, type LiveViewer, type LoadPicture, type Poller } from './poller.ts';

/** Pages followed at once; each costs one reading a second, however many look at it. */
const MOST_PAGES = 100;
/** Open streams; each is a connection. */
const MOST_VIEWERS = 1_000;

/** All live pages of one server. */
export interface LiveHub {
  /**
   * Server-sent events of the page that `key` names; null when no more can be served.
   * @param open begins reading the page; called when nobody follows it yet
   * @throws what the first reading throws
   */
  follow(key: string, open: () => LoadPicture, viewer: LiveViewer): Promise<ReadableStream<Uint8Array> | null>;
  /** Ends the streams of a visitor who has signed out. */
  endSession(session: string): void;
  countPages(): number;
  countViewers(): number;
}

export type HubOptions = Pick<AdminContext, 'clock' | 'log' | 'signal'>;

/** Every stream ends when `signal` aborts. */
export function createLiveHub({ clock, log, signal }: HubOptions): LiveHub {
  const pollers = new Map<string, Poller>();
  const countViewers = (): number => [...pollers.values()].reduce((sum, poller) => sum + poller.countViewers(), 0);
  signal.addEventListener('abort', () => pollers.forEach((poller) => poller.end()), { once: true });

  const openPoller = (key: string, load: LoadPicture): Poller => {
    const poller = createPoller(load, {
      clock,
      onLost: (error) => log.warn('a live page cannot be read', { page: key, error }),
      onEnd: () => pollers.delete(key),
    });
    pollers.set(key, poller);
    return poller;
  };
  return {
    async follow(key, open, viewer) {
      for (;;) {
        signal.throwIfAborted();
        const known = pollers.get(key);
        if (countViewers() >= MOST_VIEWERS || (known === undefined && pollers.size >= MOST_PAGES)) return null;
        const stream = await (known ?? openPoller(key, open())).follow(viewer);
        if (stream !== null) return stream;
      }
    },
    endSession: (session) => pollers.forEach((poller) => poller.endSession(session)),
    countPages: () => pollers.size,
    countViewers,
  };
}

const hubs = new WeakMap<AdminContext, LiveHub>();

/** The one hub of a server. */
export function liveHubOf(context: AdminContext): LiveHub {
  const hub = hubs.get(context) ?? createLiveHub(context);
  hubs.set(context, hub);
  return hub;
}
