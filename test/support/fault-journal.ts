import type { QueryResultRow } from 'pg';

/** One statement past all of the program. */
export type Query = <Row extends QueryResultRow>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

/**
 * Each committed page, and each return of a window to its beginning (to_offset 0), written down by the database itself,
 * whatever the program counts.
 */
const JOURNAL = `
  create table public.fault_page (seq bigserial primary key, execution_id bigint, instance_id bigint, reading integer,
    window_n integer, rereads integer, from_offset integer, to_offset integer, fence_token bigint);
  create function public.fault_note_page() returns trigger language plpgsql as $$
    begin
      insert into public.fault_page (execution_id, instance_id, reading, window_n, rereads, from_offset, to_offset,
        fence_token)
      select new.execution_id, new.instance_id, new.reading, new.n, new.rereads, old.next_offset, new.next_offset,
        fence_token
      from mallsync.tb_batch_execution_summary where execution_id = new.execution_id;
      return null;
    end $$;
  create trigger fault_note_page after update on mallsync.tb_batch_window for each row
    when (new.next_offset <> old.next_offset) execute function public.fault_note_page()`;

/** Lets the database write down every page that commits. */
export async function watchPages(query: Query): Promise<void> {
  await query(JOURNAL);
}

/** Pages that do not begin where their window stood. */
export async function listGapsAndRepeats(query: Query): Promise<readonly unknown[]> {
  return await query(
    `select * from (
       select *, lag(to_offset, 1, 0) over (partition by instance_id, reading, window_n order by seq) as stood_at
       from public.fault_page) as page
     where from_offset <> stood_at`,
  );
}

/** Executions whose counters are not those of their committed pages. */
export async function listMiscounted(query: Query): Promise<readonly unknown[]> {
  return await query(
    `select execution_id, read, pages, noted.*
     from mallsync.tb_batch_execution_summary as execution
     left join lateral (
       select count(*) as noted_pages, coalesce(sum(to_offset - from_offset), 0) as noted_rows
       from public.fault_page as page
       where page.execution_id = execution.execution_id and to_offset > from_offset) as noted on true
     where mode <> 'REPLAY' and (pages <> noted_pages or read <> noted_rows)`,
  );
}

/** Totals of rows that are not the sum of the executions' counters. */
export async function listWrongTotals(query: Query): Promise<readonly unknown[]> {
  return await query(
    `with counted as (
       select domain_type as domain, outcome, sum(value) as value
       from mallsync.tb_batch_execution_summary, lateral (values ('inserted', inserted), ('updated', updated),
         ('unchanged', unchanged), ('stale', stale), ('rejected', rejected), ('duplicate', duplicate))
         as each (outcome, value)
       group by 1, 2
     ), total as (
       select labels ->> 'domain' as domain, labels ->> 'outcome' as outcome, sum(value) as value
       from mallsync.tb_metric_total where name = 'rows_total' group by 1, 2
     )
     select * from counted full join total using (domain, outcome)
     where coalesce(counted.value, 0) <> coalesce(total.value, 0)`,
  );
}
