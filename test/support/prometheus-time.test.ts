import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { compressExpression, compressTime } from './prometheus-time.ts';

const SCALE = { factor: 60, leastSeconds: 5, leastStepSeconds: 2 };

it.each([
  ['increase(runs_total[6h])', 'increase(runs_total[360000ms])'],
  ['rate(rows_total[5m])', 'rate(rows_total[5000ms])'],
  ['max_over_time(up[1h30m:1m])', 'max_over_time(up[90000ms:2000ms])'],
  ['sum by (namespace) (up[10m:]) offset 1d', 'sum by (namespace) (up[10000ms:]) offset 1440000ms'],
  ['rate(x[2s])', 'rate(x[2000ms])'],
  ['time() - stamp > 3 * 86400', 'time() - stamp > 3 * 86400'],
  ['up{job="5m offset"} == 0', 'up{job="5m offset"} == 0'],
])('shortens the ranges of %s and nothing else', (expr, expected) => {
  expect(compressExpression(expr, SCALE)).toBe(expected);
});

it('shortens the waits of rules, and leaves labels, names and thresholds as they are', () => {
  const annotations = { summary: '{{ range query "topk(5, increase(x[1h]))" }}{{ .Labels.mall_id }}{{ end }} in 1h' };
  const rule = { alert: 'Late', expr: 'x > 90', labels: { severity: '15m' }, annotations };
  const text = JSON.stringify({ groups: [{ name: 'a', rules: [{ ...rule, for: '15m', keep_firing_for: '2m' }] }] });
  expect(parse(compressTime(text, SCALE))).toEqual({
    groups: [
      {
        name: 'a',
        rules: [
          {
            ...rule,
            annotations: { summary: annotations.summary.replace('[1h]', '[60000ms]') },
            for: '15000ms',
            keep_firing_for: '5000ms',
          },
        ],
      },
    ],
  });
});
