export interface ReadAheadSettings {
  readonly mostPages: number;
  /** Bytes of answers that one list may hold ahead of the writer. */
  readonly bytes: number;
}

export const DEFAULT_READ_AHEAD: ReadAheadSettings = { mostPages: 8, bytes: 8 * 1024 * 1024 };

export interface TakenPage {
  readonly bytes: number;
  /** The writer was ready before the page was. */
  readonly wasWaitedFor: boolean;
  /** Pages that lie ready behind this one. */
  readonly readyBehind: number;
}

/**
 * How many pages of a list to keep in flight: one more whenever the writer had to wait for a page, one less whenever
 * pages lie ready for it. Shared by the lists of a run, since latency is the API's and not the list's.
 */
export interface ReadAhead {
  depth(): number;
  notePage(page: TakenPage): void;
}

const FIRST_DEPTH = 3;

export function createReadAhead(settings: ReadAheadSettings): ReadAhead {
  let wanted = Math.min(FIRST_DEPTH, settings.mostPages);
  let largestBytes = 1;
  return {
    depth: () => Math.max(1, Math.min(wanted, Math.floor(settings.bytes / largestBytes))),
    notePage({ bytes, wasWaitedFor, readyBehind }) {
      largestBytes = Math.max(largestBytes, bytes);
      if (wasWaitedFor) wanted = Math.min(settings.mostPages, wanted + 1);
      else if (readyBehind > 0) wanted = Math.max(1, wanted - 1);
    },
  };
}
