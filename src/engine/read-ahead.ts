export interface ReadAheadSettings {
  readonly fewestPages: number;
  readonly mostPages: number;
  /** Bytes of answers that may be held ahead of the writer. */
  readonly bytes: number;
}

export const DEFAULT_READ_AHEAD: ReadAheadSettings = { fewestPages: 2, mostPages: 8, bytes: 6 * 1024 * 1024 };

/** How many pages to keep in flight: one more whenever the writer had to wait for a page, fewer when pages pile up. */
export interface ReadAhead {
  depth(): number;
  notePage(page: { readonly bytes: number; readonly wasWaitedFor: boolean }): void;
}

const READY_PAGES_BEFORE_SHRINKING = 8;

export function createReadAhead(settings: ReadAheadSettings): ReadAhead {
  let wanted = settings.fewestPages;
  let readyInARow = 0;
  let largestBytes = 1;
  return {
    depth() {
      const affordable = Math.floor(settings.bytes / largestBytes);
      return Math.max(settings.fewestPages, Math.min(wanted, affordable));
    },
    notePage({ bytes, wasWaitedFor }) {
      largestBytes = Math.max(largestBytes, bytes);
      if (wasWaitedFor) {
        readyInARow = 0;
        wanted = Math.min(settings.mostPages, wanted + 1);
        return;
      }
      readyInARow += 1;
      if (readyInARow < READY_PAGES_BEFORE_SHRINKING) return;
      readyInARow = 0;
      wanted = Math.max(settings.fewestPages, wanted - 1);
    },
  };
}
