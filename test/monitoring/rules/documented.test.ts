import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { runPromtool } from '../../support/prometheus.ts';

const PAGE = readFileSync(fileURLToPath(new URL('../../../docs/monitoring.md', import.meta.url)), 'utf8');
/** Debian's build does not know Kubernetes, so something else stands where the page discovers its pods. */
const DISCOVERY = /kubernetes_sd_configs:\n(?: {6}.*\n)+/;
const BLOCKS = Array.from(PAGE.matchAll(/```yaml\n([^]*?)```/g), ([, text = '']) => text);

const folder = mkdtempSync(join(tmpdir(), 'mallsync-documented-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['the configurations', /^rule_files:/, ['check', 'config', '--syntax-only'], 2],
  ['the rule of one machine', /^groups:/, ['check', 'rules'], 1],
])('promtool takes %s of docs/monitoring.md', async (_, beginning, command, count) => {
  const meant = BLOCKS.filter((text) => beginning.test(text));
  expect(meant).toHaveLength(count);
  for (const text of meant) {
    const file = join(folder, 'documented.yaml');
    writeFileSync(file, text.replace(DISCOVERY, 'static_configs: []\n'));
    const { exitCode, output } = await runPromtool([...command, file]);
    expect(exitCode, output).toBe(0);
  }
});

test('writing a namespace into the rules, as the page says, reaches every selector', () => {
  const [, from = '', to = ''] = /sed 's\/(.+)\/(.+)\/g'/.exec(PAGE) ?? [];
  for (const file of ['fleet', 'controller']) {
    const path = new URL(`../../../charts/mallsync/rules/${file}.yaml`, import.meta.url);
    const text = readFileSync(fileURLToPath(path), 'utf8').replaceAll(new RegExp(from, 'g'), to);
    const exprs = text
      .split(/^ {8}expr: /m)
      .slice(1)
      .map((part) => part.split(/^ {8}(?:for|labels):/m)[0] ?? '');
    expect(exprs.length).toBeGreaterThan(3);
    const selectors = exprs.flatMap((expr) => expr.match(/\{[^}]*\}/g) ?? []);
    expect(selectors.filter((selector) => !selector.includes('namespace="mallsync"'))).toEqual([]);
  }
});
