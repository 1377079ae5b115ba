import { Client } from 'pg';
import { afterAll } from 'vitest';
import { z } from 'zod';
import { recordStatements, type Ran } from './query-plans.ts';

const planNode = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Shared Hit Blocks': z.number(),
  'Shared Read Blocks': z.number(),
  get Plans() {
    return z.array(planNode).optional();
  },
});
type PlanNode = z.infer<typeof planNode>;

const explained = z.tuple([z.object({ Plan: planNode, 'Execution Time': z.number(), 'Planning Time': z.number() })]);

/** What a list costs the database, over all of its statements. */
export interface ListCost {
  readonly statements: number;
  /** Pages of 8 KiB that were looked at. */
  readonly pages: number;
  /** Tables of the history that were read from end to end. */
  readonly scanned: readonly string[];
  /** Planning and execution. */
  readonly ms: number;
}

const RUNS = 3;

/** What grows with the nights. */
const HISTORY = /^tb_(batch_|audit_)/;

/** Measures what the program asks of the database at `url`; the connection is closed when the test file ends. */
export async function openStatementCosts(url: string): Promise<(work: () => Promise<unknown>) => Promise<ListCost>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  afterAll(() => client.end());
  return async (work) => {
    const ran = await recordStatements(async () => {
      await work();
    });
    const costs: ListCost[] = [];
    for (const statement of ran) costs.push(await measure(client, statement));
    return {
      statements: ran.length,
      pages: costs.reduce((sum, { pages }) => sum + pages, 0),
      scanned: costs.flatMap(({ scanned }) => scanned),
      ms: costs.reduce((sum, { ms }) => sum + ms, 0),
    };
  };
}

/** The fastest of some runs: the first fills the server's memory, and others use the machine, too. */
async function measure(client: Client, { text, values }: Ran): Promise<ListCost> {
  const runs: ListCost[] = [];
  while (runs.length < RUNS) {
    const { rows } = await client.query<{ 'QUERY PLAN': unknown }>(
      `explain (analyze, buffers, timing off, format json) ${text}`,
      [...values],
    );
    const [{ Plan, ...times }] = explained.parse(rows[0]?.['QUERY PLAN']);
    runs.push({
      statements: 1,
      pages: Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks'],
      scanned: listNodes(Plan)
        .filter((node) => node['Node Type'] === 'Seq Scan' && HISTORY.test(node['Relation Name'] ?? ''))
        .map((node) => node['Relation Name'] ?? ''),
      ms: times['Execution Time'] + times['Planning Time'],
    });
  }
  return runs.reduce((best, run) => (run.ms < best.ms ? run : best));
}

function listNodes(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(listNodes)];
}
