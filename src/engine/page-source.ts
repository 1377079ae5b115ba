import type { WindowBounds } from '../domain/window.ts';
import type { Period } from '../domain/period.ts';

/** One API answer. */
export interface FetchedPage {
  readonly rows: readonly unknown[];
  /** The answer's Date header in epoch milliseconds. */
  readonly observedAtMs: number;
  readonly bytes: number;
}

export type WaitCause = 'rate' | 'quota' | 'retry' | 'token';

/** Told about every call and every wait as it happens, so that failed calls count too. */
export interface CallMeter {
  /** `code` is the HTTP status, or a word like `timeout` or `reset` where there was none. */
  addCall(endpoint: string, code: string): void;
  /** Marks the begin of a wait; the returned function ends it. */
  startWait(cause: WaitCause): () => void;
}

/** What calls and waits cost since the last time somebody asked. */
export interface CallCosts {
  readonly calls: readonly { readonly endpoint: string; readonly code: string; readonly count: number }[];
  readonly waits: readonly { readonly cause: WaitCause; readonly waitMs: number }[];
}

/**
 * The API of one mall and domain type. Rejects with TransientError where a repeat may help, TerminalError where not;
 * waits of the rate budget happen inside and are no failures.
 */
export interface PageSource {
  /** Rows that offset paging reaches safely in one window. */
  readonly windowCeiling: number;
  /** The largest offset the API accepts. */
  readonly maxOffset: number;
  /** The windows to begin with: every shop and date type, cut to the API's longest range; they cover the period. */
  listWindows(period: Period, signal: AbortSignal): Promise<readonly WindowBounds[]>;
  /** The API's own count, or null where it has none and two agreeing passes must prove completeness. */
  countRows(window: WindowBounds, signal: AbortSignal): Promise<number | null>;
  fetchPage(window: WindowBounds, offset: number, limit: number, signal: AbortSignal): Promise<FetchedPage>;
  /**
   * Rows by their keys, any number, for a replay; keys the API no longer has are absent from the answer. Null where rows
   * cannot be asked for by key and their windows are read again instead.
   */
  readonly fetchByKeys: ((keys: readonly string[], signal: AbortSignal) => Promise<FetchedPage>) | null;
}
