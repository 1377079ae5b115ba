import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ALERTS, renderRules } from '../../../charts/monitoring/alerts/render-rules.ts';
import { runPromtool } from '../../support/prometheus.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));
const CASES = readdirSync(HERE).filter((name) => name.endsWith('.yaml'));

const testFile = z.object({
  tests: z.array(
    z.object({
      name: z.string(),
      alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()).default([]) })),
    }),
  ),
});

test('the rule files are what the alerts are rendered to, and promtool takes them', async () => {
  const files = renderRules();
  for (const [path, text] of files) expect(readFileSync(`${ROOT}${path}`, 'utf8'), 'npm run charts').toBe(text);
  const { exitCode, output } = await runPromtool(['check', 'rules', ...[...files.keys()].map((path) => ROOT + path)]);
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringContaining('SUCCESS: 9 rules found') });
});

test('there are cases for each alert, and for nothing else', () => {
  expect(CASES.toSorted()).toEqual(ALERTS.map(({ name }) => `${name}.yaml`).toSorted());
});

describe.each(ALERTS)('$name', ({ name }) => {
  const { tests } = testFile.parse(parse(readFileSync(`${HERE}${name}.yaml`, 'utf8'), { merge: true }));
  const looks = tests.flatMap((one) => one.alert_rule_test);

  test('fires, stays quiet and ends where it does in its cases', async () => {
    const { exitCode, output } = await runPromtool(['test', 'rules', `${HERE}${name}.yaml`]);
    expect(exitCode, output).toBe(0);
  });

  test('has cases of itself alone: a quiet look before it fires, one after it, and a world in which it never does', () => {
    expect(new Set(looks.map(({ alertname }) => alertname))).toEqual(new Set([name]));
    const fires = tests.map((one) => one.alert_rule_test.map(({ exp_alerts: alerts }) => alerts.length > 0));
    expect(fires.some((each) => !each[0] && each.includes(true) && each.at(-1) === false)).toBe(true);
    expect(fires.some((each) => each.length > 1 && !each.includes(true))).toBe(true);
  });
});
