import { describe, expect, inject, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../support/api-server-door.ts';
import { readAuditLog } from '../support/audit-log.ts';
import { createTools } from '../support/e2e-kubectl.ts';
import { CHART, KUBE_VERSION } from '../support/helm.ts';
import { listGranted, toUsed } from '../support/rights.ts';

const { lab } = inject('e2e');
const RELEASE = 'mallsync';
const OURS = /^system:serviceaccount:e2e-[^:]+:(mallsync-\w+)$/;

const tools = createTools(inject('e2e'), 'default');
const rendered = await tools.helm([
  'template',
  RELEASE,
  CHART,
  '--kube-version',
  KUBE_VERSION,
  '--set',
  'trial.enabled=true',
]);
const objects: readonly KubeObject[] = parseAllDocuments(rendered).map((document) => document.toJS());
const accounts: readonly string[] = objects
  .filter((object) => object?.kind === 'ServiceAccount')
  .map(({ metadata }) => metadata.name);
const rbac = objects.filter((object) => object?.metadata !== undefined);

// elsewhere nobody may read what the API server writes down
describe.runIf(lab !== null)('over the whole suite, which has to have run before', () => {
  test.for(accounts)('%s used what the chart grants it, and nothing else', async (account) => {
    const isOurs = (user: string): boolean => OURS.exec(user)?.[1] === account;
    const calls = await readAuditLog(lab?.auditLog ?? '', isOurs, lab?.auditFrom);
    const granted = listGranted(rbac, account);
    const used = calls.filter(({ isAllowed }) => isAllowed).map((call) => toUsed(call, granted));
    expect([...new Set(used)].toSorted()).toEqual([...granted].toSorted());
    // at an uninstall the roles go before the last pod does, but nothing else is ever asked for
    const refused = calls.filter(({ isAllowed }) => !isAllowed).map((call) => toUsed(call, granted));
    expect(refused.filter((right) => !granted.has(right))).toEqual([]);
  });
});
