import type { FaultMall, FaultWorld } from './fault-world.ts';
import { until } from './process-signals.ts';

export interface HeldPage {
  /** Resolves when a page transaction stands before its end, its rows written and nothing committed. */
  readonly blocked: () => Promise<void>;
  release(): Promise<void>;
}

/** Added to the mall's number in the key of a lock that holds the commit instead of the last statement. */
const COMMIT = 1_000_000;

const LATCH = `
  create function public.fault_latch() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(tg_argv[0]::integer + mall_id::integer, new.page_offset)
      from mallsync.tb_batch_window
      where instance_id = new.instance_id and reading = new.reading and n = new.n;
      return new;
    end $$;
  create trigger fault_latch before insert on mallsync.tb_batch_window_page
    for each row execute function public.fault_latch(0);
  create constraint trigger fault_latch_commit after insert on mallsync.tb_batch_window_page
    deferrable initially deferred for each row execute function public.fault_latch(${COMMIT})`;

/** Lets page transactions be held open. Once a database. */
export async function installPageLatch({ query }: FaultWorld): Promise<void> {
  await query(LATCH);
}

/** Holds the transaction of the mall's page that begins at `offset`, in its last statement. */
export function holdPage(world: FaultWorld, { mallId }: FaultMall, offset: number): Promise<HeldPage> {
  return hold(world, mallId, offset);
}

/** Holds it in its commit, which goes on when released, whether or not the process is there to hear of it. */
export function holdCommit(world: FaultWorld, { mallId }: FaultMall, offset: number): Promise<HeldPage> {
  return hold(world, COMMIT + mallId, offset);
}

async function hold(world: FaultWorld, key: number, offset: number): Promise<HeldPage> {
  const client = await world.connect();
  await client.query('select pg_advisory_lock($1, $2)', [key, offset]);
  return {
    async blocked() {
      await until(`the page at ${offset} to be held`, async () => {
        const waiting = await world.query(
          `select 1 from pg_locks where locktype = 'advisory' and not granted and classid::bigint = $1
             and objid::bigint = $2`,
          [key, offset],
        );
        return waiting.length > 0;
      });
    },
    async release() {
      await client.query('select pg_advisory_unlock($1, $2)', [key, offset]);
    },
  };
}
