import type { Database } from '../../../src/adapters/postgres/database.ts';
import { isServed } from '../../../src/adapters/postgres/listen.ts';
import type { ExecutionReport } from '../../../src/commands/run/execution-report.ts';
import { serveRetryRequests } from '../../../src/commands/serve/retry-loop.ts';
import { serveSettings } from '../../../src/commands/serve/serve-settings.ts';
import { parseSeoulTime } from '../../../src/domain/seoul-time.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { atFileEnd } from '../../support/file-end.ts';
import type { PageWorld } from '../../support/page-world.ts';
import { startPageWorld } from '../../support/page-world.ts';
import type { Pipeline } from '../../support/pipeline.ts';
import { openPipeline } from '../../support/pipeline.ts';

/** The page is looked at in the morning after the day that `DAY` of the pipeline is. */
export const MORNING = '2025-12-02T09:00:00';
const LEASE_SECONDS = 2;

export interface ActsWorld {
  readonly pipeline: Pipeline;
  readonly page: PageWorld;
  readonly database: Database;
}

/** A viewer, two operators, the program, a simulator, and no server that carries anything out. */
export async function openActsWorld(): Promise<ActsWorld> {
  const pipeline = await openPipeline({ leaseSeconds: LEASE_SECONDS });
  const page = await startPageWorld({
    database: pipeline.db,
    users: { vera: 'viewer', otto: 'operator', olga: 'operator' },
    context: {
      encryptionKeys: pipeline.encryptionKeys,
      clock: { ...systemClock, nowMs: () => parseSeoulTime(MORNING) ?? Number.NaN },
    },
  });
  return { pipeline, page, database: page.database };
}

/** What `serve` does about requests, from when it listens until the function it gives is called or the file ends. */
export async function serveRequests({ pipeline, database }: ActsWorld): Promise<() => Promise<void>> {
  const { encryptionKeys, db, simulator } = pipeline;
  const settings = serveSettings.parse({
    databaseUrl: db.url,
    cafe24Url: simulator.cafe24Url,
    encryptionKeys,
    leaseSeconds: String(LEASE_SECONDS),
    logLevel: 'silent',
  });
  const quiet = (): void => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const own = await db.open({ applicationName: 'mallsync serve', poolSize: 3, leaseSeconds: LEASE_SECONDS });
  const ended = new AbortController();
  const serving = serveRetryRequests(
    {
      settings,
      database: own,
      clock: systemClock,
      log,
      watch: { log, emit: quiet },
      options: { settings, name: 'serve', parallel: 4, threads: 1 },
      requestedBy: 'serve',
      pageMetrics: null,
    },
    ended.signal,
  );
  const stop = async (): Promise<void> => {
    ended.abort();
    await serving;
  };
  atFileEnd(stop);
  while (!(await isServed(database))) await systemClock.sleep(20, ended.signal);
  return stop;
}

export function idOf({ executionId }: ExecutionReport): number {
  if (executionId === null) throw new Error('there was no execution');
  return executionId;
}

/** The value of the hidden field of that name. */
export function fieldOf(page: string, name: string): string {
  const value = new RegExp(`<input\\s+type="hidden"\\s+name="${name}"\\s+value="([^"]*)"`).exec(page)?.[1];
  if (value === undefined) throw new Error(`there is no field ${name}`);
  return value;
}

export interface StoredRequest {
  readonly idempotency_key: string;
  readonly kind: string;
  readonly domain_type: string;
  readonly start_date: string;
  readonly page_size: number;
  readonly requested_by: string;
  readonly reason: string;
  readonly state: string;
  readonly items: readonly { readonly mall: number; readonly state: string; readonly result: string | null }[];
}

export async function listRequests({ pipeline }: ActsWorld): Promise<readonly StoredRequest[]> {
  return await pipeline.db.query<StoredRequest>(
    `select idempotency_key, kind, domain_type, start_date, page_size, requested_by, reason, state,
       (select jsonb_agg(jsonb_build_object('mall', mall_id, 'state', state, 'result', result) order by mall_id)
        from mallsync.tb_batch_retry_request_item i where i.request_id = r.request_id) as items
     from mallsync.tb_batch_retry_request r order by request_id`,
  );
}

export async function listAudit({ pipeline }: ActsWorld) {
  return await pipeline.db.query<{ actor: string; action: string; target: string; outcome: string; source: string }>(
    'select actor, action, target, outcome, source from mallsync.tb_audit_log order by audit_id',
  );
}
