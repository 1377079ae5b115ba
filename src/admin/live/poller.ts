import type { Clock } from '../../domain/clock.ts';
import { StoppedError } from '../../domain/errors.ts';
import type { Role } from '../env.ts';
import type { Lang } from '../text/lang.ts';
import { createChannel, type Channel, type LivePicture } from './channel.ts';

/** For whom a picture is drawn: nothing in it may be one visitor's own. */
export interface Face {
  readonly lang: Lang;
  readonly role: Role;
}

export interface LiveViewer {
  readonly face: Face;
  /** What all streams of one sign-in have in common. */
  readonly session: string;
  /** Breaks the connection. */
  readonly cut: () => void;
}

/** One reading of what a page shows, to be drawn for each face. */
export type Draw = (face: Face) => LivePicture;

export type LoadPicture = () => Promise<Draw>;

export interface PollerOptions {
  readonly clock: Clock;
  /** Told once an outage. */
  readonly onLost: (error: unknown) => void;
  /** Called when nobody looks any more, or when the first load failed. */
  readonly onEnd: () => void;
}

/** One page's data, loaded once a second however many look at it. */
export interface Poller {
  /**
   * Null when it has ended while the caller waited: another one is to be asked.
   * @throws what the first load throws: there is nothing to be shown then
   */
  follow(viewer: LiveViewer): Promise<ReadableStream<Uint8Array> | null>;
  endSession(session: string): void;
  end(): void;
  countViewers(): number;
}

const LOAD_EVERY_MS = 1_000;
const LONGEST_PAUSE_MS = 8_000;
/** A stream ends after so long and the browser comes back: who lost the right to look does not come in again. */
const LIFE_MS = 60_000;

export function createPoller(load: LoadPicture, options: PollerOptions): Poller {
  const poller = new PicturePoller(load, options);
  poller.start();
  return poller;
}

class PicturePoller implements Poller {
  readonly #load: LoadPicture;
  readonly #options: PollerOptions;
  readonly #channels = new Map<string, { readonly face: Face; readonly channel: Channel }>();
  readonly #ended = new AbortController();
  readonly #first = Promise.withResolvers<Draw>();
  /** The latest after the first. */
  #draw: Draw | undefined;
  #isLost = false;

  constructor(load: LoadPicture, options: PollerOptions) {
    this.#load = load;
    this.#options = options;
  }

  start(): void {
    // nobody may be waiting for it any more when it fails
    this.#first.promise.catch(() => undefined);
    this.#run().catch((error: unknown) => {
      this.#first.reject(error);
      this.end();
    });
  }

  async follow({ face, session, cut }: LiveViewer): Promise<ReadableStream<Uint8Array> | null> {
    const first = await this.#first.promise;
    if (this.#ended.signal.aborted) return null;
    const endsAtMs = this.#options.clock.nowMs() + LIFE_MS;
    return this.#openChannel(this.#draw ?? first, face).admit({ session, cut, endsAtMs }, this.#isLost);
  }

  endSession(session: string): void {
    this.#each((channel) => channel.endSession(session));
  }

  end(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(new StoppedError('the page is not followed any more'));
    this.#options.onEnd();
    this.#each((channel) => channel.endAll());
  }

  countViewers(): number {
    return [...this.#channels.values()].reduce((sum, { channel }) => sum + channel.countViewers(), 0);
  }

  /** Never resolves: rejects with the first load's error, with that of `end`, or when nobody came in. */
  async #run(): Promise<never> {
    const { clock } = this.#options;
    this.#first.resolve(await this.#load());
    for (
      let pauseMs = LOAD_EVERY_MS;
      ;
      pauseMs = this.#isLost ? Math.min(2 * pauseMs, LONGEST_PAUSE_MS) : LOAD_EVERY_MS
    ) {
      await clock.sleep(pauseMs, this.#ended.signal);
      if (this.#channels.size === 0) throw new StoppedError('nobody came in');
      this.#each((channel) => channel.endDue(clock.nowMs()));
      await this.#refresh();
      this.#each((channel) => channel.beat(clock.nowMs()));
    }
  }

  async #refresh(): Promise<void> {
    const { clock, onLost } = this.#options;
    try {
      const draw = await this.#load();
      this.#draw = draw;
      this.#tell(false);
      this.#each((channel, face) => channel.show(draw(face), clock.nowMs()));
    } catch (error) {
      if (!this.#isLost) onLost(error);
      this.#tell(true);
    }
  }

  #tell(isLost: boolean): void {
    if (this.#isLost === isLost) return;
    this.#isLost = isLost;
    this.#each((channel) => channel.tell(isLost, this.#options.clock.nowMs()));
  }

  #openChannel(draw: Draw, face: Face): Channel {
    const name = `${face.lang} ${face.role}`;
    const known = this.#channels.get(name);
    if (known !== undefined) return known.channel;
    const channel = createChannel(draw(face), this.#options.clock.nowMs(), () => {
      this.#channels.delete(name);
      if (this.#channels.size === 0) this.end();
    });
    this.#channels.set(name, { face, channel });
    return channel;
  }

  #each(work: (channel: Channel, face: Face) => void): void {
    for (const { channel, face } of this.#channels.values()) work(channel, face);
  }
}
