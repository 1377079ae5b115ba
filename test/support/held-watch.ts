import type { Script } from './scripted-server.ts';
import { NEVER, type TransportWorld } from './transport-world.ts';

export const WATCH = { path: '/api/v1/things', query: { watch: '1', resourceVersion: '7' }, inactivityMs: 90_000 };

type Write = (text: string | Buffer) => void;

/** A watch whose server side the test holds in its hand. */
export interface Held {
  readonly write: Write;
  readonly end: () => void;
  readonly break: () => void;
}

/** A script that accepts every watch and leaves the rest to the test. */
export function holdWatches(): { readonly script: Script; readonly held: Held[] } {
  const held: Held[] = [];
  return {
    held,
    script(_, response) {
      response.writeHead(200, { 'content-type': 'application/json' });
      // as the API server: the head goes out before the first event
      response.flushHeaders();
      held.push({
        write: (text) => void response.write(text),
        end: () => void response.end(),
        break: () => void response.destroy(),
      });
    },
  };
}

/** Resolves when the watch is accepted. */
export async function openWatch(
  world: TransportWorld,
  signal: AbortSignal = NEVER,
): Promise<AsyncIterator<unknown, unknown, undefined>> {
  return (await world.transport.calls.watch(WATCH, signal))[Symbol.asyncIterator]();
}
