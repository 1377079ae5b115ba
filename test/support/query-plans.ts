import { Client } from 'pg';
import { vi } from 'vitest';
import { atFileEnd } from './file-end.ts';
import { z } from 'zod';

export interface Ran {
  readonly text: string;
  readonly values: readonly unknown[];
}

const planNode = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
  'Index Cond': z.string().optional(),
  get Plans() {
    return z.array(planNode).optional();
  },
});
type PlanNode = z.infer<typeof planNode>;
const explained = z.array(z.object({ Plan: planNode }));

/** Every statement that the program sends while `work` runs, with the values of its first run. */
export async function recordStatements(work: () => Promise<void>): Promise<readonly Ran[]> {
  const ran = new Map<string, Ran>();
  const send = vi.spyOn(Client.prototype, 'query');
  await work();
  for (const [first, second] of send.mock.calls as readonly (readonly unknown[])[]) {
    const query = typeof first === 'string' ? { text: first, values: second } : first;
    const { text, values } = z.object({ text: z.string(), values: z.array(z.unknown()).optional() }).parse(query);
    if (/^\s*(select|insert|update|delete|with)\b/i.test(text) && !ran.has(text))
      ran.set(text, { text, values: values ?? [] });
  }
  send.mockRestore();
  return [...ran.values()];
}

export interface QueryPlans {
  /** One text for each table that the statement has no index for. */
  listWholeTableScans(ran: Ran): Promise<readonly string[]>;
}

/** Closed when the test file ends. */
export async function openQueryPlans(url: string): Promise<QueryPlans> {
  const client = new Client({ connectionString: url });
  await client.connect();
  atFileEnd(() => client.end());
  return {
    async listWholeTableScans({ text, values }) {
      await client.query('begin');
      // a plan that still scans a whole table has no index that could serve it
      await client.query('set local enable_seqscan = off');
      const { rows } = await client.query(`explain (format json) ${text}`, [...values]);
      await client.query('rollback');
      const plans = explained.parse((rows as readonly Record<string, unknown>[])[0]?.['QUERY PLAN']);
      return plans
        .flatMap(({ Plan }) => listNodes(Plan))
        .filter(readsWholeTable)
        .map((node) => `${node['Relation Name'] ?? node['Index Name']} in ${text}`);
    },
  };
}

function listNodes(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(listNodes)];
}

/** Their predicate is the condition: live executions are few, however long the history is. */
const LIVE_INDEXES = new Set(['tb_batch_execution_live', 'tb_batch_execution_one_live']);

function readsWholeTable(node: PlanNode): boolean {
  if (node['Node Type'] === 'Seq Scan') return true;
  const { 'Index Name': index, 'Index Cond': condition } = node;
  return index !== undefined && condition === undefined && !LIVE_INDEXES.has(index);
}
