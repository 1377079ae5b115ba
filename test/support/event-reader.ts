/** Server-sent events as they come. */
export interface EventReader {
  readonly status: number;
  /** The next event of that name that has not been taken yet and that fits; waits for it. */
  next(name: string, fits?: (data: string) => boolean): Promise<string>;
  /** What has come by now and was not taken. */
  readonly waiting: readonly { readonly name: string; readonly data: string }[];
  /** Resolves when the server ends the stream; rejects when the connection breaks. */
  readonly ended: Promise<void>;
  close(): void;
}

interface Seen {
  readonly name: string;
  readonly data: string;
}

export async function openEvents(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventReader> {
  const stopping = new AbortController();
  const response = await fetch(url, { headers, signal: stopping.signal, redirect: 'manual' });
  const waiting: Seen[] = [];
  let wake = Promise.withResolvers<void>();
  const take = (name: string, fits: (data: string) => boolean): string | undefined => {
    const index = waiting.findIndex((event) => event.name === name && fits(event.data));
    return index < 0 ? undefined : waiting.splice(0, index + 1).at(-1)?.data;
  };
  const ended = readEvents(response, (event) => {
    waiting.push(event);
    wake.resolve();
    wake = Promise.withResolvers<void>();
  });
  ended.catch(() => undefined);
  return {
    status: response.status,
    waiting,
    ended,
    async next(name, fits = () => true) {
      for (;;) {
        const found = take(name, fits);
        if (found !== undefined) return found;
        const over = ended.then(() => 'over');
        if ((await Promise.race([wake.promise, over])) !== 'over') continue;
        return take(name, fits) ?? fail(name);
      }
    },
    close: () => stopping.abort(),
  };
}

function fail(name: string): never {
  throw new Error(`the stream ended before an event ${name} came`);
}

async function readEvents(response: Response, onEvent: (event: Seen) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = /^event: (\w+)\ndata: (.*)$/.exec(block);
      if (event !== null) onEvent({ name: event[1] ?? '', data: event[2] ?? '' });
    }
  }
}
