import { bisect } from '../../engine/bisect.ts';
import { buildCopyPage, copyIn, toTimestamp } from './copy-page.ts';
import {
  divideByVerdict,
  inSavepoint,
  toKeyParameters,
  type PageWrite,
  type RefusedWrite,
  type Refusal,
  type TableStatements,
  type WritableRow,
} from './dataset-writer-rows.ts';
import type { Verdict } from './upsert-sql.ts';

export interface MergeOutcome {
  readonly updated: number;
  readonly unchanged: number;
  readonly stale: number;
  readonly refused: readonly RefusedWrite[];
  /** Rows that were deleted in the meantime: to be judged again. */
  readonly gone: readonly WritableRow[];
}

const NOTHING: MergeOutcome = { updated: 0, unchanged: 0, stale: 0, refused: [], gone: [] };

/** Brings stored rows up to date, by way of the session's staging table; judges them again under their locks. */
export async function mergeRows(
  page: PageWrite,
  statements: TableStatements,
  rows: readonly WritableRow[],
): Promise<MergeOutcome> {
  let total = NOTHING;
  if (rows.length === 0) return total;
  const tryAll = async (some: readonly WritableRow[]): Promise<Refusal | undefined> => {
    let outcome = NOTHING;
    const refusal = await inSavepoint(page.client, async () => {
      outcome = await mergeStaged(page, statements, some);
    });
    if (refusal === undefined) total = addOutcomes(total, outcome);
    return refusal;
  };
  const refusal = await tryAll(rows);
  if (refusal === undefined) return total;
  const refused = await bisect(rows, refusal, tryAll);
  return { ...total, refused };
}

async function mergeStaged(
  page: PageWrite,
  { table, child }: TableStatements,
  rows: readonly WritableRow[],
): Promise<MergeOutcome> {
  const { client, context } = page;
  const { mallId, executionId } = context;
  const observedAt = toTimestamp(context.observedAtMs);
  const encoded = rows.map((row) => row.payload.row);
  await copyIn(client, table.sql.stage, buildCopyPage(context, encoded, true));
  const locked = await client.query<{ n: number; verdict: Verdict }>(table.sql.lock, [mallId, observedAt, executionId]);
  const verdicts: Verdict[] = [];
  for (const { n, verdict } of locked.rows) verdicts[n - 1] = verdict;
  const divided = divideByVerdict(rows, (index) => verdicts[index] ?? 'N');
  const placesOf = (wanted: Verdict): number[] =>
    locked.rows.flatMap(({ n, verdict }) => (verdict === wanted ? n : []));
  if (divided.R.length > 0) await client.query(table.sql.stamp, [mallId, observedAt, placesOf('R')]);
  if (divided.C.length > 0) {
    await client.query(table.sql.update, [mallId, observedAt, executionId, placesOf('C')]);
    if (child !== null) await mergeChildren(page, { table, child }, divided.C);
  }
  return {
    updated: divided.C.length,
    unchanged: divided.U.length + divided.R.length,
    stale: divided.S.length,
    refused: [],
    gone: divided.N,
  };
}

/** Makes the stored children of the changed rows what these rows say; the lock on the parent guards them. */
async function mergeChildren(
  { client, context }: PageWrite,
  { table, child }: { table: TableStatements['table']; child: NonNullable<TableStatements['child']> },
  rows: readonly WritableRow[],
): Promise<void> {
  const { mallId, executionId } = context;
  const children = rows.flatMap((row) => row.payload.children);
  const parents = toKeyParameters(
    table.keys,
    rows.map((row) => row.payload.row),
  );
  await copyIn(client, child.sql.stage, buildCopyPage(context, children, true));
  await client.query(child.sql.removeAbsent, [mallId, ...parents]);
  await client.query(child.sql.updateChanged, [mallId, toTimestamp(context.observedAtMs), executionId]);
  await client.query(child.sql.insertAbsent, [mallId]);
}

function addOutcomes(a: MergeOutcome, b: MergeOutcome): MergeOutcome {
  return {
    updated: a.updated + b.updated,
    unchanged: a.unchanged + b.unchanged,
    stale: a.stale + b.stale,
    refused: [...a.refused, ...b.refused],
    gone: [...a.gone, ...b.gone],
  };
}
