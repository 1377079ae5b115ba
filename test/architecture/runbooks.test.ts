import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ALERTS, renderRunbookTable, toRunbookPath } from '../../charts/monitoring/alerts/render-rules.ts';
import { buildJob } from '../../src/adapters/kubernetes/job-builder.ts';
import { runCommandLine } from '../../src/commands/program.ts';
import { FAILURES } from '../../src/domain/failure.ts';
import { faultSchema } from '../../src/simulator/fault-schema.ts';
import { buildDemoFleet } from '../../src/simulator/demo-fleet.ts';
import { buildOrder, JOB_SETTINGS } from '../support/job-orders.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'docs/runbooks');
const SECTIONS = ['What it means', 'First three commands', 'How to mend it', 'How to test it'];

interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

/** What installations have: that of a trial, and that of the page. */
const OBJECTS = ['trial', 'page'].flatMap((name) =>
  parseAllDocuments(readFileSync(join(ROOT, `test/cluster/chart/goldens/${name}.yaml`), 'utf8'))
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null),
);

const KINDS: Readonly<Record<string, string>> = {
  deploy: 'Deployment',
  cronjob: 'CronJob',
  svc: 'Service',
  statefulset: 'StatefulSet',
  rolebinding: 'RoleBinding',
};

function listMatches(text: string, pattern: RegExp): readonly (readonly string[])[] {
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups.map((group) => group ?? ''));
}

/** Lines of the shell blocks of a text. */
function listShellLines(text: string): readonly string[] {
  return listMatches(text, /```sh\n([^]*?)```/g).flatMap(([block = '']) => block.trim().split('\n'));
}

function toArgs(line: string): readonly string[] {
  return listMatches(line, /"([^"]*)"|(\S+)/g).map(([quoted = '', plain = '']) => (quoted === '' ? plain : quoted));
}

/** Runs a command without the database's address, for which every command asks before it does anything. */
async function findFaults(args: readonly string[]): Promise<string> {
  let said = '';
  const output = { terminal: null, write: (text: string) => void (said += text) };
  const environment = { MALLSYNC_ENCRYPTION_KEYS: `k1:${'A'.repeat(43)}=` };
  const io = { stdout: output, stderr: output, signal: new AbortController().signal, environment };
  await runCommandLine(args, { ...io, readStdin: () => Promise.resolve('') });
  return said.trim();
}

function readRunbook(name: string): string {
  return readFileSync(join(ROOT, toRunbookPath(name)), 'utf8');
}

test('each alert has a runbook, each runbook an alert, and the list shows them as they are', () => {
  const pages = readdirSync(FOLDER).filter((name) => name !== 'README.md');
  expect(pages.toSorted()).toEqual(ALERTS.map(({ name }) => `${name}.md`).toSorted());
  expect(readFileSync(join(FOLDER, 'README.md'), 'utf8'), 'npm run charts').toContain(renderRunbookTable());
});

describe.each(ALERTS)('the runbook of $name', ({ name }) => {
  const text = readRunbook(name);
  const parts = new Map(text.split(/^## /m).map((part) => [part.split('\n')[0] ?? '', part]));

  test('says what it means, what to type first, how to mend it and how to test it', () => {
    expect([...parts.keys()]).toEqual([`# ${name}`, ...SECTIONS]);
    for (const section of SECTIONS) expect(parts.get(section)?.length, section).toBeGreaterThan(100);
    expect(listShellLines(parts.get('First three commands') ?? '')).toHaveLength(3);
    expect(listShellLines(parts.get('How to test it') ?? '')).not.toEqual([]);
  });

  test('names commands and flags that the program takes', async () => {
    const typed = listShellLines(text).filter((line) => line.includes('-- mallsync '));
    const told = listMatches(text, /`(mallsync [a-z][^`]*)`/g).map(([line = '']) => line);
    for (const line of [...typed, ...told]) {
      const args = toArgs(line.replace(/^.*?(?:-- |^)mallsync /, ''));
      expect(await findFaults(args), line).toMatch(/^mallsync[^\n]*MALLSYNC_DATABASE_URL[^\n]*$/);
    }
  });

  test('names objects, labels, values and reasons that there are', () => {
    const shell = text.replaceAll(/mallsync-postgres-0/g, 'statefulset/mallsync-postgres');
    const named = listMatches(shell, /\b(deploy|cronjob|svc|statefulset|rolebinding)[/ ](mallsync[\w-]*)/g);
    const missing = named.filter(
      ([kind = '', object]) => !OBJECTS.some((one) => one.kind === KINDS[kind] && one.metadata.name === object),
    );
    expect(missing).toEqual([]);
    const job = buildJob(buildOrder(), JOB_SETTINGS) as KubeObject;
    const labels = [...OBJECTS, job].flatMap(({ metadata }) => Object.entries(metadata.labels ?? {}));
    const selected = listMatches(text, / -l ([\w./-]+)=([\w-]+)/g);
    expect(selected.filter(([key, value]) => !labels.some((one) => one[0] === key && one[1] === value))).toEqual([]);
    const values = parse(readFileSync(join(ROOT, 'charts/mallsync/values.yaml'), 'utf8')) as object;
    const paths = listMatches(text, /(?:`|--set )([a-z]\w*(?:\.[a-z]\w*)+)[=`]/g).map(([path = '']) => path);
    expect(paths.filter((path) => !hasPath(values, path.split('.')))).toEqual([]);
    const reasons = listMatches(text, /\| ((?:`[A-Z]\w+`(?:, )?)+) \|/g).flatMap(([cell = '']) => cell.split(', '));
    expect(reasons.filter((reason) => !Object.hasOwn(FAILURES, reason.replaceAll('`', '')))).toEqual([]);
  });
});

function hasPath(place: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  return (
    typeof place === 'object' &&
    place !== null &&
    Object.hasOwn(place, key) &&
    hasPath((place as Readonly<Record<string, unknown>>)[key], rest)
  );
}

test('the malls of a trial are those that the runbooks name, and the simulator knows what is done to them', () => {
  const text = ALERTS.map(({ name }) => readRunbook(name)).join('\n');
  const fleet = buildDemoFleet(1, parse(readFileSync(join(ROOT, 'charts/mallsync/values.yaml'), 'utf8')).trial.malls);
  const named = listMatches(text, /\b(sample-[a-z]+)\b/g).map(([name = '']) => name);
  expect(named.filter((name) => !fleet.some(({ cafe24MallId }) => cafe24MallId === name))).toEqual([]);
  expect(fleet.slice(0, 6).map(({ cafe24MallId }) => cafe24MallId)).toEqual(named.slice(0, 6));
  expect(fleet[7]?.poison?.members?.perDay).toBeGreaterThan(4);
  expect(fleet[8]?.consent).toBe('lost');
  const faults = listMatches(text, /JSON\.stringify\(\{kind: '([\w-]+)'\}\)/g);
  expect(faults.map(([kind]) => faultSchema.safeParse({ kind }).success)).toEqual([true]);
});

test.each(readdirSync(FOLDER))('docs/runbooks/%s links only to files that exist', (page) => {
  const links = listMatches(readFileSync(join(FOLDER, page), 'utf8'), /\]\((?!https?:)([^)#]+)/g);
  expect(links.filter(([link = '']) => !existsSync(resolve(FOLDER, link)))).toEqual([]);
});
