import type { CheckResult } from './check.ts';

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const satisfies Record<CheckResult['outcome'], string>;

/** One line a check, and one for all. */
export function renderChecks(results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map(({ name, outcome, found, advice }) => {
    const text = advice === undefined ? found : `${found}; ${advice}`;
    return `${MARKS[outcome]} ${name.padEnd(width)}  ${text.replaceAll(/\s*\n\s*/g, ' ')}\n`;
  });
  return [...lines, toSummary(results)].join('');
}

function toSummary(results: readonly CheckResult[]): string {
  const failed = results.filter(({ outcome }) => outcome === 'failed').length;
  if (failed === 0) return 'This installation is sound.\n';
  return `${failed} of ${results.length} ${failed === 1 ? 'is' : 'are'} not right.\n`;
}

export function toCheckDocument(results: readonly CheckResult[]): object {
  return {
    isSound: results.every(({ outcome }) => outcome !== 'failed'),
    checks: results.map(({ name, outcome, found, advice = null }) => ({ name, outcome, found, advice })),
  };
}
