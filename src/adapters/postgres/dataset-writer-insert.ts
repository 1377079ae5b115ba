import { bisect } from '../../engine/bisect.ts';
import { buildCopyPage, copyIn } from './copy-page.ts';
import {
  inSavepoint,
  isUniqueViolation,
  toKeyParameters,
  type PageWrite,
  type RefusedWrite,
  type Refusal,
  type TableStatements,
  type WritableRow,
} from './dataset-writer-rows.ts';

export interface InsertOutcome {
  readonly inserted: number;
  readonly refused: readonly RefusedWrite[];
  /** Rows of which some key, or some child's, turned out to be stored: to be judged again. */
  readonly raced: readonly RefusedWrite[];
}

/**
 * Copies rows that are not stored straight into the table. When another run has inserted a key since, none is inserted
 * and all are `raced`. Where judging them again has changed nothing (`isSameAgain`) it is found out which keys these are.
 */
export async function insertRows(
  page: PageWrite,
  statements: TableStatements,
  rows: readonly WritableRow[],
  isSameAgain: boolean,
): Promise<InsertOutcome> {
  if (rows.length === 0) return { inserted: 0, refused: [], raced: [] };
  const tryAll = (some: readonly WritableRow[]): Promise<Refusal | undefined> =>
    copyRows(page, statements, some, isSameAgain);
  const refusal = await tryAll(rows);
  if (refusal === undefined) return { inserted: rows.length, refused: [], raced: [] };
  if (isUniqueViolation(refusal) && !isSameAgain) {
    return { inserted: 0, refused: [], raced: rows.map((item) => ({ item, refusal })) };
  }
  const bad = await bisect(rows, refusal, tryAll);
  const raced = bad.filter((one) => isUniqueViolation(one.refusal));
  const refused = bad.filter((one) => !isUniqueViolation(one.refusal));
  return { inserted: rows.length - bad.length, refused, raced };
}

/** All of the rows with their children, or none of them and why. */
export function copyRows(
  { client, context }: PageWrite,
  { table, child }: TableStatements,
  rows: readonly WritableRow[],
  isSameAgain: boolean,
): Promise<Refusal | undefined> {
  return inSavepoint(client, async () => {
    const parents = rows.map((row) => row.payload.row);
    await copyIn(client, table.sql.copy, buildCopyPage(context, parents, false));
    if (child === null) return;
    // children that outlived their parent would be refused as duplicates
    if (isSameAgain) await client.query(child.sql.removeAll, [context.mallId, ...toKeyParameters(table.keys, parents)]);
    const children = rows.flatMap((row) => row.payload.children);
    if (children.length > 0) await copyIn(client, child.sql.copy, buildCopyPage(context, children, false));
  });
}
