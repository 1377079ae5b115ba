import { expect, it } from 'vitest';
import { buildHistogram } from './fleet-histogram.ts';

/** Each series as `part{labels} value`. */
function list(...args: Parameters<typeof buildHistogram>): readonly string[] {
  return buildHistogram(...args).map(({ labels, value, suffix }) => {
    const pairs = Object.entries(labels).map(([label, of]) => `${label}=${of}`);
    return `${suffix}{${pairs.join()}} ${value}`;
  });
}

it('has every bucket in order, those that nothing fell into included', () => {
  const totals = [
    { name: 'wait_sum', labels: { domain: 'ORDER' }, value: 64 },
    { name: 'wait_count', labels: { domain: 'ORDER' }, value: 3 },
    { name: 'wait_bucket', labels: { domain: 'ORDER', le: '+Inf' }, value: 3 },
    { name: 'wait_bucket', labels: { domain: 'ORDER', le: '30' }, value: 2 },
    { name: 'wait_bucket', labels: { domain: 'ORDER', le: '100' }, value: 3 },
    { name: 'wait_longer_sum', labels: { domain: 'ORDER' }, value: 1 },
  ];
  expect(list('wait', [5, 30, 100], [], totals)).toEqual([
    '_bucket{domain=ORDER,le=5} 0',
    '_bucket{domain=ORDER,le=30} 2',
    '_bucket{domain=ORDER,le=100} 3',
    '_bucket{domain=ORDER,le=+Inf} 3',
    '_sum{domain=ORDER} 64',
    '_count{domain=ORDER} 3',
  ]);
});

it('is there with zeros before anything was counted', () => {
  expect(list('wait', [5], [{}], [])).toEqual(['_bucket{le=5} 0', '_bucket{le=+Inf} 0', '_sum{} 0', '_count{} 0']);
});

it('stays cumulative over buckets that another version counted with', () => {
  const totals = [
    { name: 'wait_bucket', labels: { le: '7' }, value: 1 },
    { name: 'wait_bucket', labels: { le: '30' }, value: 4 },
    { name: 'wait_bucket', labels: { le: '+Inf' }, value: 4 },
  ];
  expect(list('wait', [5, 10], [], totals).slice(0, 5)).toEqual([
    '_bucket{le=5} 0',
    '_bucket{le=7} 1',
    '_bucket{le=10} 1',
    '_bucket{le=30} 4',
    '_bucket{le=+Inf} 4',
  ]);
});
