import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { DEFAULT_VARIABLES, fillVariables, listPanelQueries } from '../../support/dashboard-queries.ts';
import { runPromtool } from '../../support/prometheus.ts';

const folder = await mkdtemp(join(tmpdir(), 'mallsync-expressions-'));
afterAll(() => rm(folder, { recursive: true }));

const VALUES = {
  fromMs: Date.parse('2025-12-01T00:00:00Z'),
  toMs: Date.parse('2025-12-02T00:00:00Z'),
  stepSeconds: 120,
  variables: { ...DEFAULT_VARIABLES, mall: '7' },
};

async function check(exprs: readonly string[]): Promise<Awaited<ReturnType<typeof runPromtool>>> {
  // promtool parses no bare expression
  const rules = exprs.map((expr, index) => ({ record: `dashboards:query:${index}`, expr }));
  const file = join(folder, 'queries.yaml');
  await writeFile(file, stringify({ groups: [{ name: 'dashboards', rules }] }));
  return await runPromtool(['check', 'rules', file]);
}

test('every expression of every dashboard parses', async () => {
  const exprs = listPanelQueries()
    .filter(({ kind }) => kind === 'prometheus')
    .map(({ expr }) => fillVariables(expr, VALUES));
  const { exitCode, output } = await check(exprs);
  expect(output).toContain(`SUCCESS: ${exprs.length} rules found`);
  expect(exitCode).toBe(0);
});

test('one that does not parse is found', async () => {
  const { exitCode, output } = await check(['up', 'sum by (le (up)']);
  expect(exitCode).not.toBe(0);
  expect(output).toContain('parse error');
});
