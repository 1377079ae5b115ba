import type { MallSyncSpec } from './mall-sync.ts';

/** Of a MallSync that names none: re-runs that a person waits for come first, the nightly run before a back-fill. */
export const DEFAULT_PRIORITY = {
  RERUN: 100,
  MANUAL: 50,
  NIGHTLY: 0,
  BACKFILL: -100,
} as const satisfies Record<MallSyncSpec['trigger'], number>;

/** Yesterday goes before what was missed earlier, and both before any back-fill. */
export const CATCH_UP_PRIORITY = -10;

export const CATCH_UP_PREFIX = 'catchup-';
