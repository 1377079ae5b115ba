import { ClusterError } from '../../../controller/cluster-error.ts';
import { createLineCutter } from './json-lines.ts';

/** More than twice the largest object that an API server takes. */
const MAX_LINE_BYTES = 8 * 1_024 * 1_024;
/** What may wait to be read before the server is asked to pause. */
const MAX_QUEUED_BYTES = 4 * 1_024 * 1_024;

export interface FlowControl {
  pause(): void;
  resume(): void;
  /** Nobody reads any more. */
  leave(): void;
}

/** Between a connection that sends lines of JSON when it likes and one reader that takes events when it can. */
export class EventQueue {
  readonly #flow: FlowControl;
  readonly #cutter = createLineCutter(MAX_LINE_BYTES);
  #lines: Buffer[] = [];
  #queuedBytes = 0;
  #isPaused = false;
  #end: { readonly error: Error | null } | null = null;
  #wake = Promise.withResolvers<void>();

  constructor(flow: FlowControl) {
    this.#flow = flow;
  }

  /** The reader is behind, so that silence means nothing. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** @returns why the stream cannot be read any further */
  push(chunk: Buffer): ClusterError | null {
    const lines = this.#cutter.push(chunk);
    if (lines === null) return new ClusterError('unavailable', `the watch sent a line of over ${MAX_LINE_BYTES} bytes`);
    for (const line of lines) {
      this.#lines.push(line);
      this.#queuedBytes += line.length;
    }
    if (!this.#isPaused && this.#queuedBytes > MAX_QUEUED_BYTES) {
      this.#isPaused = true;
      this.#flow.pause();
    }
    this.#wake.resolve();
    return null;
  }

  /** Null: the server ended it. What has been received is still read, then the reader hears of the end. */
  end(error: Error | null): void {
    if (this.#end !== null) return;
    const isCut = error === null && this.#cutter.restBytes > 0;
    this.#end = { error: isCut ? new ClusterError('unavailable', 'the watch ended inside a line') : error };
    this.#wake.resolve();
  }

  /** The reader hears of `error` at once. */
  drop(error: Error): void {
    this.#lines = [];
    this.#queuedBytes = 0;
    this.end(error);
  }

  async *read(): AsyncGenerator<unknown, void, undefined> {
    try {
      for (;;) {
        const line = this.#next();
        if (line !== undefined) yield parseEvent(line);
        else if (this.#end?.error) throw this.#end.error;
        else if (this.#end !== null) return;
        else await this.#changed();
      }
    } finally {
      this.#flow.leave();
    }
  }

  async #changed(): Promise<void> {
    await this.#wake.promise;
    this.#wake = Promise.withResolvers();
  }

  #next(): Buffer | undefined {
    const line = this.#lines.shift();
    this.#queuedBytes -= line?.length ?? 0;
    if (this.#isPaused && this.#queuedBytes < MAX_QUEUED_BYTES / 2) {
      this.#isPaused = false;
      this.#flow.resume();
    }
    return line;
  }
}

function parseEvent(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString());
  } catch (thrown) {
    throw new ClusterError('unavailable', 'the watch sent a line that is no JSON', { cause: thrown });
  }
}
