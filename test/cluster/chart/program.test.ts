import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chartValues } from '../../../charts/values/chart-values.ts';
import { adminCommand } from '../../../src/commands/admin/admin-command.ts';
import { controllerSettings } from '../../../src/commands/controller/controller-settings.ts';
import { nightlySettings } from '../../../src/commands/nightly/nightly-settings.ts';
import { runCommandLine } from '../../../src/commands/program.ts';
import { pruneCommand } from '../../../src/commands/prune-command.ts';
import { CATALOG } from '../../../src/commands/catalog.ts';
import { readSettings } from '../../../src/commands/settings/read-settings.ts';
import { sourceOf } from '../../../src/commands/settings/setting.ts';
import { z } from 'zod';
import { toPlainEnvironment } from '../../support/chart-environment.ts';
import { listContainers, listPods, openTestHelm, renderSet, VALUE_SETS } from '../../support/chart-objects.ts';
import type { KubeObject } from '../../support/api-server-door.ts';

const helm = openTestHelm();

/** Variables that are not settings of the program: POD_NAME names a controller, the others are a test set's own. */
const OTHERS = ['POD_NAME', 'NODE_EXTRA_CA_CERTS'];

async function listNames(command: string): Promise<readonly string[]> {
  const entry = CATALOG.find(({ name }) => name === command);
  if (entry === undefined) throw new Error(`the program has no command ${command}`);
  const loaded = await entry.load();
  if ('commands' in loaded) throw new Error(`${command} is a group`);
  return Object.values(loaded.settings.shape).map((field) => sourceOf(field).env ?? '');
}

/** Runs a command without the address that it asks for first of all: it says all that is wrong with what it was given. */
async function findFaults({ args, env }: KubeObject): Promise<string> {
  const environment = toPlainEnvironment({ env });
  delete environment['MALLSYNC_DATABASE_URL'];
  let said = '';
  const output = { terminal: null, write: (text: string) => void (said += text) };
  const io = { stdout: output, stderr: output, signal: new AbortController().signal, environment };
  const exitCode = await runCommandLine(args, { ...io, readStdin: () => Promise.resolve('') });
  return `${exitCode} ${said}`;
}

describe.each(VALUE_SETS)('the containers of the value set %s', (name) => {
  test('are started with flags and variables that the program takes and knows', async () => {
    const pods = listPods(await renderSet(helm, name));
    const containers = pods
      .flatMap(listContainers)
      .filter(({ args }) => typeof args?.[0] === 'string' && args[0] !== '-c');
    expect(containers.length).toBeGreaterThan(2);
    for (const container of containers) {
      const [command] = container.args;
      expect(await findFaults(container), command).toMatch(/^(64|78) \S*\s*.*MALLSYNC_DATABASE_URL[^\n]*\s*$/);
      const known = [...(await listNames(command)), ...OTHERS];
      const unknown = container.env.filter((variable: KubeObject) => !known.includes(variable.name));
      expect(unknown, command).toEqual([]);
    }
  });
});

test('the idle command of the toolbox ends at once when it is told to', async () => {
  const pods = listPods(await renderSet(helm, 'trial'));
  const [program, ...args] = pods.find(({ title }) => title.endsWith('-toolbox')).spec.containers[0].command;
  expect(program).toBe('node');
  const script = args.map((text: string) => (text.startsWith('process') ? `${text}; console.log('idle')` : text));
  const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  onTestFinished(() => void child.kill('SIGKILL'));
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

/** Value, variable, and the settings that read it. */
const NUMBERS = [
  ['leaseSeconds', 'MALLSYNC_LEASE_SECONDS', controllerSettings],
  ['controller.jobLimit', 'MALLSYNC_JOB_LIMIT', controllerSettings],
  ['controller.jobsPerSecond', 'MALLSYNC_JOBS_PER_SECOND', controllerSettings],
  ['controller.workers', 'MALLSYNC_CONTROLLER_WORKERS', controllerSettings],
  ['controller.leader.leaseSeconds', 'MALLSYNC_LEADER_LEASE_SECONDS', controllerSettings],
  ['controller.leader.renewSeconds', 'MALLSYNC_LEADER_RENEW_SECONDS', controllerSettings],
  ['controller.leader.retrySeconds', 'MALLSYNC_LEADER_RETRY_SECONDS', controllerSettings],
  ['controller.drainSeconds', 'MALLSYNC_DRAIN_SECONDS', controllerSettings],
  ['jobs.succeededTtlSeconds', 'MALLSYNC_SUCCEEDED_JOB_TTL_SECONDS', controllerSettings],
  ['jobs.failedTtlSeconds', 'MALLSYNC_FAILED_JOB_TTL_SECONDS', controllerSettings],
  ['jobs.startDeadlineSeconds', 'MALLSYNC_START_DEADLINE_SECONDS', controllerSettings],
  ['nightly.catchUpDays', 'MALLSYNC_CATCH_UP_DAYS', nightlySettings],
  ['prune.rejectedDays', 'MALLSYNC_REJECTED_DAYS', pruneCommand.settings],
  ['prune.historyDays', 'MALLSYNC_HISTORY_DAYS', pruneCommand.settings],
  ['admin.sessionHours', 'MALLSYNC_SESSION_HOURS', adminCommand.settings],
  ['admin.sessionIdleMinutes', 'MALLSYNC_SESSION_IDLE_MINUTES', adminCommand.settings],
  ['admin.freshnessTargetHours', 'MALLSYNC_FRESHNESS_TARGET_HOURS', adminCommand.settings],
  ['admin.freshnessTargetHours', 'MALLSYNC_FRESHNESS_TARGET_HOURS', controllerSettings],
] as const;

const JSON_SCHEMA: KubeObject = z.toJSONSchema(chartValues);

function findSchema(path: string): KubeObject {
  return path.split('.').reduce((schema, key) => schema.properties[key], JSON_SCHEMA);
}

/** The field alone, so that no rule between fields has a say. */
function pickField(settings: z.ZodObject, variable: string): readonly [string, z.ZodObject] {
  const found = Object.entries(settings.shape).find(([, field]) => sourceOf(field).env === variable);
  if (found === undefined) throw new Error(`${variable} is not a setting`);
  const [key, field] = found;
  return [key, z.object({ [key]: field })];
}

describe('a number of the values', () => {
  test.each(NUMBERS)('%s has the bounds and the default of %s', (path, variable, settings) => {
    const { minimum, maximum, default: byDefault } = findSchema(path);
    const [key, alone] = pickField(settings, variable);
    const read = (value: number | string): unknown => readSettings(alone, {}, { [variable]: String(value) })[key];
    expect([minimum, maximum].map(read)).toEqual([minimum, maximum]);
    expect(read('')).toBe(byDefault);
    expect(() => read(minimum - 1)).toThrow(variable);
    expect(() => read(maximum + 1)).toThrow(variable);
  });
});

test.each([
  ['log.level', 'MALLSYNC_LOG_LEVEL'],
  ['log.format', 'MALLSYNC_LOG_FORMAT'],
  ['pii', 'MALLSYNC_PII'],
])('%s has the words of %s', (path, variable) => {
  const [key, alone] = pickField(controllerSettings, variable);
  const words: readonly string[] = findSchema(path).enum;
  expect(words.map((word) => readSettings(alone, {}, { [variable]: word })[key])).toEqual(words);
  const [source] = Object.values(alone.shape).map(sourceOf);
  expect(source?.mustBe).toBe(`one of ${words.join(', ')}`);
});

test.each([
  ['database.schema', 'MALLSYNC_DATABASE_SCHEMA'],
  ['cafe24.url', 'MALLSYNC_CAFE24_URL'],
  ['cafe24.apiVersion', 'MALLSYNC_CAFE24_API_VERSION'],
  ['admin.nightDeadline', 'MALLSYNC_NIGHT_DEADLINE', adminCommand.settings],
  ['admin.nightDeadline', 'MALLSYNC_NIGHT_DEADLINE'],
  ['admin.proxy.userHeader', 'MALLSYNC_PROXY_USER_HEADER', adminCommand.settings],
])('%s has the default of %s', (path, variable, settings = controllerSettings) => {
  const [key, alone] = pickField(settings, variable);
  expect(readSettings(alone, {}, {})[key]).toBe(findSchema(path).default);
});
