/** What one viewer may have waiting; who reads more slowly than that is let go and comes back for the whole picture. */
const MOST_WAITING_BYTES = 256 * 1024;

/** Server-sent events to one viewer. */
export interface EventStream {
  readonly body: ReadableStream<Uint8Array>;
  /** False when the viewer is gone or reads too slowly; the stream is over then. */
  send(event: Uint8Array): boolean;
  end(): void;
}

const encoder = new TextEncoder();

/** One event, encoded once for all who get it. */
export function encodeEvent(name: string, data: unknown = null): Uint8Array {
  return encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** How soon a browser comes back by itself when the connection ends. */
export const COME_BACK = encoder.encode('retry: 1000\n\n');

export interface StreamEnd {
  /** Called once, when the viewer has closed the connection. */
  readonly onGone: () => void;
  /** Breaks the connection: an end would wait until the viewer has read what is left. */
  readonly cut: () => void;
}

export function createEventStream({ onGone, cut }: StreamEnd): EventStream {
  let isOpen = true;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
      },
      cancel: () => {
        isOpen = false;
        onGone();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MOST_WAITING_BYTES }),
  );
  return {
    body,
    send(event) {
      if (!isOpen || controller === undefined) return false;
      if ((controller.desiredSize ?? 0) <= 0) {
        isOpen = false;
        cut();
        return false;
      }
      controller.enqueue(event);
      return true;
    },
    end() {
      if (isOpen) controller?.close();
      isOpen = false;
    },
  };
}
