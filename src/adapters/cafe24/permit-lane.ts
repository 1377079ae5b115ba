import type { Clock } from '../../domain/clock.ts';
import type { CallMeter, WaitCause } from '../../engine/page-source.ts';
import type { Permits } from '../../domain/rate-budget.ts';

export interface PermitLaneDependencies {
  readonly clock: Clock;
  readonly meter: CallMeter;
  takePermits(wanted: number): Promise<Permits>;
  /** Milliseconds, not above 0 when calls need not be slowed down. */
  slowedForMs(): number;
  /** Throws when a call that began to wait at `sinceMs` has waited too long. */
  assertPatience(isQuota: boolean, sinceMs: number): void;
}

interface Waiter {
  readonly sinceMs: number;
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  readonly onAbort: () => void;
  cause: WaitCause | null;
  endWait: () => void;
}

/** Few, so that one process does not drain what others wait for. */
const MOST_AT_ONCE = 4;
/**
 * An unused permit must not be used late: the budget leaks from its granting, the API's bucket from the call's arrival, and
 * the difference may not exceed the one call that the budget keeps back.
 */
const STOCK_MS = 200;
const SHORTEST_SLEEP_MS = 5;
/** Longer waits are asked for anew, since a person may have lifted the block. */
const LONGEST_SLEEP_MS = 30_000;

/**
 * The calls of one process to one endpoint of one mall, waiting in a row. Idle without waiters; with waiters exactly one
 * loop asks for permits, hands them out in order and sleeps.
 */
export class PermitLane {
  readonly #dependencies: PermitLaneDependencies;
  readonly #waiters: Waiter[] = [];
  #stock = 0;
  #stockEndsMs = -Infinity;
  #sleeper: AbortController | undefined;
  #isServing = false;

  constructor(dependencies: PermitLaneDependencies) {
    this.#dependencies = dependencies;
  }

  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const isStocked = this.#stock > 0 && this.#dependencies.clock.monotonicMs() < this.#stockEndsMs;
    if (isStocked && this.#waiters.length === 0) {
      this.#stock -= 1;
      return;
    }
    await this.#enqueue(signal);
  }

  /** Throws away permits that nobody has used yet. */
  dropStock(): void {
    this.#stock = 0;
  }

  #enqueue(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        sinceMs: this.#dependencies.clock.monotonicMs(),
        signal,
        resolve,
        reject,
        onAbort: () => this.#dismiss(waiter),
        cause: null,
        endWait: () => undefined,
      };
      signal.addEventListener('abort', waiter.onAbort, { once: true });
      this.#waiters.push(waiter);
      void this.#serve();
    });
  }

  #dismiss(waiter: Waiter): void {
    if (!this.#leave(waiter)) return;
    if (this.#waiters.length === 0) this.#sleeper?.abort();
    waiter.reject(waiter.signal.reason);
  }

  #leave(waiter: Waiter): boolean {
    const at = this.#waiters.indexOf(waiter);
    if (at < 0) return false;
    this.#waiters.splice(at, 1);
    waiter.signal.removeEventListener('abort', waiter.onAbort);
    waiter.endWait();
    return true;
  }

  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      while (this.#waiters.length > 0) await this.#serveOnce();
    } catch (error) {
      for (const waiter of this.#waiters.slice()) if (this.#leave(waiter)) waiter.reject(error);
    } finally {
      this.#isServing = false;
    }
  }

  async #serveOnce(): Promise<void> {
    const slowMs = this.#dependencies.slowedForMs();
    if (slowMs > 0) await this.#sleep(slowMs, true);
    if (this.#waiters.length === 0) return;
    const permits = await this.#dependencies.takePermits(Math.min(this.#waiters.length, MOST_AT_ONCE));
    this.#handOut(permits.granted);
    const mustWait = permits.granted === 0 || permits.waitMs > 0;
    if (mustWait && this.#waiters.length > 0) await this.#sleep(permits.waitMs, permits.isQuota);
  }

  #handOut(granted: number): void {
    let left = granted;
    for (let waiter = this.#waiters[0]; waiter !== undefined && left > 0; waiter = this.#waiters[0]) {
      left -= 1;
      this.#leave(waiter);
      waiter.resolve();
    }
    if (left === 0) return;
    this.#stock = left;
    this.#stockEndsMs = this.#dependencies.clock.monotonicMs() + STOCK_MS;
  }

  async #sleep(waitMs: number, isQuota: boolean): Promise<void> {
    this.#noteWait(isQuota);
    if (this.#waiters.length === 0) return;
    this.#sleeper = new AbortController();
    const sleepMs = Math.min(Math.max(waitMs, SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS);
    try {
      await this.#dependencies.clock.sleep(sleepMs, this.#sleeper.signal);
    } catch {
      // Everybody who waited has left.
    }
    this.#sleeper = undefined;
  }

  #noteWait(isQuota: boolean): void {
    const cause: WaitCause = isQuota ? 'quota' : 'rate';
    for (const waiter of this.#waiters.slice()) {
      if (waiter.cause !== cause) {
        waiter.endWait();
        waiter.cause = cause;
        waiter.endWait = this.#dependencies.meter.startWait(cause);
      }
      try {
        this.#dependencies.assertPatience(isQuota, waiter.sinceMs);
      } catch (error) {
        this.#leave(waiter);
        waiter.reject(error);
      }
    }
  }
}
