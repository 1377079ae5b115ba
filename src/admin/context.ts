import type { Database } from '../adapters/postgres/database.ts';
import type { Logger } from '../adapters/telemetry/log.ts';
import type { PageMetrics } from '../adapters/telemetry/page-metrics.ts';
import type { Clock } from '../domain/clock.ts';

/** What every part of the page works with. */
export interface AdminContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: PageMetrics;
  /** MALLSYNC_ENCRYPTION_KEYS; tokens are stored with them, and the page's own keys are derived from the first. */
  readonly encryptionKeys: string;
  /** Template with `{mall_id}`. */
  readonly cafe24Url: string;
  readonly cafe24ApiVersion: string;
  /** Where visitors find the page, when that is not the listening address. */
  readonly publicUrl: URL | null;
  /** The address that Cafe24's consent comes back to, as registered for the app; null where none is known. */
  readonly redirectUri: string | null;
  /** For kubectl hints of rows that name none themselves. */
  readonly namespace: string | null;
  /** A mall is late when the end of its last complete period is older than this. */
  readonly freshnessTargetHours: number;
  /** `HH:MM` in Asia/Seoul; a night that is not complete by then is late. */
  readonly nightDeadline: string;
  readonly version: string;
  /** Aborts when the server closes: every open stream ends with it. */
  readonly signal: AbortSignal;
}
