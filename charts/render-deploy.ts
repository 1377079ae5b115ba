import { isMap, parseAllDocuments, type Document } from 'yaml';
import type { Helm } from '../test/support/helm.ts';

const HEADS = {
  'rbac.yaml': `What the controller and the nightly creator may do, and no more: a test compares these rules with what the API server's
audit log shows was used. All of it is for one namespace; the one rule of the whole cluster lets the controller read the
uid of the namespace kube-system, which names its installation. The Jobs' pods have no rights.`,
  'controller.yaml': 'The controller, and the Service that its metrics are read by.',
  'cronjobs.yaml': 'The CronJobs: the nightly creator of MallSyncs, and the removal of what is past its retention.',
  'network-policies.yaml': "Nobody needs to reach these pods, but for the controller's metrics.",
} as const;

type DeployFile = keyof typeof HEADS;

const FILES: Readonly<Record<string, DeployFile>> = {
  ServiceAccount: 'rbac.yaml',
  Role: 'rbac.yaml',
  RoleBinding: 'rbac.yaml',
  ClusterRole: 'rbac.yaml',
  ClusterRoleBinding: 'rbac.yaml',
  Deployment: 'controller.yaml',
  Service: 'controller.yaml',
  CronJob: 'cronjobs.yaml',
  NetworkPolicy: 'network-policies.yaml',
};

const VALUES = {
  'database.existingSecret': 'mallsync',
  'encryption.existingSecret': 'mallsync',
  'migrations.mode': 'init',
  'crds.enabled': 'false',
};

const MADE = 'Rendered from charts/mallsync by `npm run charts`: change it there.';
/** What only helm may claim. */
const HELM_LABELS = ['app.kubernetes.io/managed-by', 'helm.sh/chart'];

/** What helm says of each document. */
const SOURCE = /^ Source: .*\n?/m;

/** The plain manifests: the chart without hooks and without what speaks of helm, by file. */
export async function renderDeploy(helm: Helm): Promise<ReadonlyMap<string, string>> {
  const args = Object.entries(VALUES).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const rendered = await helm.template({ args: ['--no-hooks', '--skip-tests', ...args] });
  const files = new Map<DeployFile, string[]>();
  for (const document of parseAllDocuments(rendered)) {
    if (!isMap(document.contents)) continue;
    const kind = String(document.get('kind'));
    const file = FILES[kind];
    if (file === undefined) throw new Error(`deploy/ has no file for a ${kind}`);
    if (isForTestsOnly(document)) continue;
    files.set(file, [...(files.get(file) ?? []), renderDocument(document)]);
  }
  return new Map([...files].map(([file, documents]) => [file, renderFile(file, documents)]));
}

/** `helm test` is not there to use it. */
function isForTestsOnly(document: Document): boolean {
  return document.getIn(['metadata', 'labels', 'app.kubernetes.io/component']) === 'check';
}

function renderDocument(document: Document): string {
  const { contents } = document;
  if (contents !== null) contents.commentBefore = (contents.commentBefore ?? '').replace(SOURCE, '') || null;
  for (const label of HELM_LABELS) document.deleteIn(['metadata', 'labels', label]);
  return document.toString({ lineWidth: 0, directives: false, flowCollectionPadding: false });
}

function renderFile(file: DeployFile, documents: readonly string[]): string {
  const head = `${HEADS[file]}\n${MADE}`.replaceAll(/^/gm, '# ');
  return `${head}\n${documents.join('---\n')}`;
}
