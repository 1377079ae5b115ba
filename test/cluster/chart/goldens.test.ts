import { describe, expect, test } from 'vitest';
import { openTestHelm, toSetFile, VALUE_SETS } from '../../support/chart-objects.ts';
import { CHART, KUBE_VERSION } from '../../support/helm.ts';

/*
 * After a change that is meant, look at what it changes and keep it:
 * npx vitest run --config test/vitest.config.ts --project cluster test/cluster/chart/goldens.test.ts -u
 */

const helm = openTestHelm();

describe.each(VALUE_SETS)('the value set %s', (name) => {
  test('passes helm lint --strict without a warning', async () => {
    const args = ['--strict', '--kube-version', KUBE_VERSION, '--values', toSetFile(name)];
    const { exitCode, stdout, stderr } = await helm.run('lint', CHART, ...args);
    expect({ exitCode, said: stdout + stderr }).toEqual({
      exitCode: 0,
      said: expect.not.stringMatching(/\[WARN|\[ERR/),
    });
  });

  test('is rendered as it was', async () => {
    // CRD, rules and dashboards have files of their own to be compared with
    const left = ['--set', 'crds.enabled=false,monitoring.rules.enabled=false,monitoring.dashboards.enabled=false'];
    const text = await helm.template({ args: ['--values', toSetFile(name), ...left] });
    await expect(text).toMatchFileSnapshot(`./goldens/${name}.yaml`);
  });
});

test('there are six value sets', () => {
  expect(VALUE_SETS).toEqual(['available', 'kueue', 'minimal', 'page', 'production', 'trial']);
});
