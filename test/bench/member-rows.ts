import { listFields } from '../../src/adapters/postgres/table.ts';
import { memberTable } from '../../src/datasets/member/member-table.ts';
import type { BenchWorld } from './bench-world.ts';

export type ApiRow = Readonly<Record<string, unknown>>;

export const PAGE_ROWS = 1_000;
export const FIRST_DAY = '2025-06-01';

/** `days` whole days from the first, as the flags of the commands take them. */
export function toBenchPeriod(days: number): { readonly startDate: string; readonly endDate: string } {
  const end = new Date(Date.parse(FIRST_DAY) + days * 86_400_000).toISOString().slice(0, 10);
  return { startDate: `${FIRST_DAY}T00:00:00`, endDate: `${end}T00:00:00` };
}

/** Pages of member rows with the properties that a run asks for, parsed. */
export async function fetchMemberPages(
  world: BenchWorld,
  cafe24MallId: string,
  days: number,
): Promise<readonly (readonly ApiRow[])[]> {
  const query = new URLSearchParams({ domainType: 'MEMBER', ...toBenchPeriod(days), rows: 'true' });
  const answer = await fetch(`${world.simulator.url}/_simulator/malls/${cafe24MallId}/truth?${query.toString()}`);
  const lines = (await answer.text()).trimEnd().split('\n');
  if (!answer.ok) throw new Error(lines[0]);
  const fields = listFields(memberTable);
  const rows = lines.map((line) => {
    const row = JSON.parse(line) as ApiRow;
    return JSON.parse(JSON.stringify(Object.fromEntries(fields.map((field) => [field, row[field]])))) as ApiRow;
  });
  return Array.from({ length: Math.ceil(rows.length / PAGE_ROWS) }, (_, page) =>
    rows.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS),
  );
}
