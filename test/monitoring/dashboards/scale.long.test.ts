import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_VARIABLES, fillVariables, listPanelQueries } from '../../support/dashboard-queries.ts';
import { atFileEnd } from '../../support/file-end.ts';
import { MORNING_MS, openMillion } from '../../support/million.ts';
import { openStatementCosts } from '../../support/statement-cost.ts';

/** Pages of 8 KiB that a panel may look at; the executions alone have 80,000. */
const MOST_PAGES = 50_000;
const DAY_MS = 86_400_000;
const VARIABLES = { ...DEFAULT_VARIABLES, schema: 'mallsync' };

const million = await openMillion();
const measure = await openStatementCosts(million.url);
const client = new Client({ connectionString: million.url });
await client.connect();
atFileEnd(() => client.end());

const QUERIES = listPanelQueries().filter(({ kind }) => kind === 'postgres');
const report: (readonly [string, number, number])[] = [];

afterAll(() => {
  const lines = report.map(([name, ms, pages]) => `${ms.toFixed(1).padStart(8)} ${String(pages).padStart(7)}  ${name}`);
  console.info(['      ms   pages', ...lines].join('\n'));
});

interface Case {
  readonly name: string;
  readonly days: number;
  readonly mall: string;
  readonly expr: string;
}

function list(days: number, mall: string): readonly Case[] {
  return QUERIES.filter(({ dashboard }) => mall !== '' || dashboard === 'mallsync-runs').map((query) => ({
    name: `${query.panel}, ${days} days${mall === '' ? '' : ', one mall'}`,
    days,
    mall,
    expr: query.expr,
  }));
}

const CASES = [...list(1, ''), ...list(7, ''), ...list(14, '417'), ...list(31, '417')];

describe('by index at 1,000,000 executions', () => {
  it.each(CASES)('$name', async ({ name, days, mall, expr }) => {
    const range = { fromMs: MORNING_MS - days * DAY_MS, toMs: MORNING_MS, stepSeconds: 60 };
    const text = fillVariables(expr, { ...range, variables: { ...VARIABLES, mall } });
    const { pages, scanned, ms, statements } = await measure(() => client.query(text));
    report.push([name, ms, pages]);
    expect({ scanned, statements }).toEqual({ scanned: [], statements: 1 });
    expect(pages).toBeLessThan(MOST_PAGES);
  });

  it('counts the runs of a year without a look at any of them', async () => {
    const [query] = QUERIES.filter(({ panel }) => panel === 'Runs by night');
    const range = { fromMs: MORNING_MS - 365 * DAY_MS, toMs: MORNING_MS, stepSeconds: 60 };
    const text = fillVariables(query?.expr ?? '', { ...range, variables: { ...VARIABLES, mall: '' } });
    const { pages, scanned, ms } = await measure(() => client.query(text));
    report.push(['Runs by night, a year', ms, pages]);
    expect(scanned).toEqual([]);
    expect(pages).toBeLessThan(MOST_PAGES);
  });
});
