import { ClusterError } from '../../../controller/cluster-error.ts';
import type { Clock } from '../../../domain/clock.ts';
import { EventQueue } from './event-queue.ts';
import { startExchange, type Exchange, type ExchangeHandler, type HttpHead, type HttpRequest } from './exchange.ts';
import type { Link } from './wire.ts';

const MAX_REFUSAL_BYTES = 65_536;
/** Made once, as reasons that nobody sees. */
const LEFT = new Error('the watch is no longer read');
const ENDED = new Error('the watch has ended');

export interface WatchOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly request: HttpRequest;
  readonly inactivityMs: number;
  /** Stops the watch at any time. */
  readonly signal: AbortSignal;
  /** Nothing came since that moment of the monotonic clock, for too long. */
  readonly onSilence: (sinceMs: number) => void;
}

export type WatchAnswer =
  | { readonly head: HttpHead; readonly events: AsyncIterable<unknown> }
  | { readonly head: HttpHead; readonly refusal: Buffer };

/** Resolves when the server has answered; `acceptance` bounds the time until then only. */
export async function startWatch(options: WatchOptions, acceptance: AbortSignal): Promise<WatchAnswer> {
  acceptance.throwIfAborted();
  const stream = new WatchStream(options);
  const onAbort = (): void => stream.abort(acceptance.reason);
  acceptance.addEventListener('abort', onAbort, { once: true });
  try {
    return await stream.start();
  } finally {
    acceptance.removeEventListener('abort', onAbort);
  }
}

class WatchStream implements ExchangeHandler {
  readonly #options: WatchOptions;
  readonly #answer = Promise.withResolvers<WatchAnswer>();
  readonly #ended = new AbortController();
  readonly #events: EventQueue;
  #exchange: Exchange | null = null;
  #head: HttpHead | null = null;
  #refusal: Buffer[] = [];
  #refusalBytes = 0;
  #heardAtMs: number;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock.monotonicMs();
    this.#events = new EventQueue({
      pause: () => this.#exchange?.pause(),
      resume: () => {
        this.#heardAtMs = options.clock.monotonicMs();
        this.#exchange?.resume();
      },
      leave: () => this.abort(LEFT),
    });
  }

  start(): Promise<WatchAnswer> {
    const { link, clock, request, signal } = this.#options;
    signal.addEventListener('abort', this.#onStop, { once: true });
    this.#exchange = startExchange(link, clock, request, this);
    if (signal.aborted) this.#onStop();
    return this.#answer.promise;
  }

  abort(reason: Error): void {
    this.#exchange?.abort(reason);
  }

  onHead(head: HttpHead): void {
    this.#head = head;
    if (head.status !== 200) return;
    this.#heardAtMs = this.#options.clock.monotonicMs();
    this.#answer.resolve({ head, events: this.#events.read() });
    void this.#limitSilence();
  }

  onChunk(chunk: Buffer): void {
    this.#heardAtMs = this.#options.clock.monotonicMs();
    if (this.#head?.status !== 200) {
      this.#refusalBytes += chunk.length;
      if (this.#refusalBytes <= MAX_REFUSAL_BYTES) this.#refusal.push(chunk);
      return;
    }
    const fault = this.#events.push(chunk);
    if (fault !== null) this.abort(fault);
  }

  onEnd(): void {
    this.#finish(null);
    if (this.#head !== null) this.#answer.resolve({ head: this.#head, refusal: Buffer.concat(this.#refusal) });
  }

  onBroken(error: Error): void {
    this.#finish(error);
    this.#answer.reject(error);
  }

  readonly #onStop = (): void => {
    const { reason } = this.#options.signal;
    this.#events.drop(reason);
    this.abort(reason);
  };

  #finish(error: Error | null): void {
    this.#options.signal.removeEventListener('abort', this.#onStop);
    this.#ended.abort(ENDED);
    this.#events.end(error);
  }

  async #limitSilence(): Promise<void> {
    const { clock, inactivityMs, onSilence } = this.#options;
    try {
      for (;;) {
        const leftMs = this.#events.isPaused ? inactivityMs : this.#heardAtMs + inactivityMs - clock.monotonicMs();
        if (leftMs <= 0) break;
        await clock.sleep(leftMs, this.#ended.signal);
      }
    } catch {
      return;
    }
    onSilence(this.#heardAtMs);
    this.abort(new ClusterError('timeout', `the watch was silent for ${inactivityMs} ms`));
  }
}
