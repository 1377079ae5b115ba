import { beforeAll, describe, expect, test } from 'vitest';
import { importMalls } from '../../../src/adapters/postgres/import-malls.ts';
import { toImportFile } from '../../../src/simulator/demo-fleet.ts';
import { startSimulator } from '../../../src/simulator/start.ts';
import { createClusterWorld, type ClusterWorld } from '../../support/cluster-world.ts';
import { atFileEnd } from '../../support/file-end.ts';
import { createGuardedRole } from '../../support/guarded-database.ts';
import { awaitLead, awaitUrl } from '../../support/leader-scene.ts';
import { isOver } from '../../support/led-world.ts';
import { findLeaks, guardPersonal, guardSecrets, type Guarded } from '../../support/log-leaks.ts';
import { startProcessKubelet, terminate } from '../../support/process-kubelet.ts';
import { until } from '../../support/process-signals.ts';
import type { Started } from '../../support/program.ts';
import { recordCafe24 } from '../../support/recorded-cafe24.ts';
import { waitOutSeoulMidnight } from '../../support/seoul-midnight.ts';
import { createSaid, listLogLines, listStrangers } from './said.ts';
import { TROUBLED_MALLS } from './troubled-malls.ts';

const NEEDED_MS = 240_000;
const DOMAINS = ['MEMBER', 'ORDER'] as const;
const NAMES = ['bakerymall', 'lostmall', 'flawedmall', 'oddmembermall', 'countmall', 'cutmall'];
const MALLS = TROUBLED_MALLS.filter(({ cafe24MallId }) => NAMES.includes(cafe24MallId));

interface Ended {
  readonly executionId: number;
  readonly mallId: number;
  readonly domainType: string;
  readonly status: string;
  readonly reason: string | null;
}

const role = await createGuardedRole();
const cluster = await createClusterWorld();
const simulator = await startSimulator({ malls: MALLS });
atFileEnd(() => simulator.stop());
const cafe24 = await recordCafe24(simulator.url);
const said = createSaid();
const kept: Promise<unknown>[] = [];
const environment: Record<string, string> = {
  ...cluster.environment,
  MALLSYNC_DATABASE_URL: role.toUrl(cluster.database.url),
  MALLSYNC_CAFE24_URL: cafe24.cafe24Url,
  MALLSYNC_LOG_LEVEL: 'trace',
};
/** The same world, whose processes know the guarded password and are listened to. */
const world: ClusterWorld = {
  ...cluster,
  environment,
  start(args, more = {}) {
    const started = cluster.start(args, { ...environment, ...more });
    kept.push(said.keep(args[0] ?? '', started));
    return started;
  },
};

function linesOf(name: string) {
  return [...said.texts].filter(([each]) => each.startsWith(name)).flatMap(([, text]) => listLogLines(text));
}

/** What anyone may read in the cluster, and what Prometheus does. */
async function readTheOpen(url: string): Promise<ReadonlyMap<string, string>> {
  const paths = {
    MallSyncs: `/apis/mallsync.io/v1alpha1/namespaces/${world.namespace}/mallsyncs`,
    Jobs: `/apis/batch/v1/namespaces/${world.namespace}/jobs`,
    Events: `/apis/events.k8s.io/v1/namespaces/${world.namespace}/events`,
  };
  const read = Object.entries(paths).map(async ([name, path]): Promise<[string, string]> => [
    name,
    JSON.stringify(await world.client.request('GET', path)),
  ]);
  return new Map([...(await Promise.all(read)), ['metrics', await (await fetch(`${url}/metrics`)).text()]]);
}

function listGuarded(): readonly Guarded[] {
  const [, key = ''] = (environment['MALLSYNC_ENCRYPTION_KEYS'] ?? '').split(':');
  return [
    ...guardSecrets(
      'client secret',
      MALLS.map(({ clientSecret }) => clientSecret),
    ),
    ...guardSecrets('token or code', cafe24.secrets),
    ...guardSecrets('encryption key', [key]),
    ...guardSecrets('password of the database', [role.password]),
    ...guardPersonal(cafe24.objects),
  ];
}

let open: ReadonlyMap<string, string>;
let runs: readonly Ended[];

beforeAll(async () => {
  await waitOutSeoulMidnight(NEEDED_MS);
  const encryptionKeys = environment['MALLSYNC_ENCRYPTION_KEYS'] ?? '';
  await importMalls(await world.database.open(), toImportFile(MALLS), { encryptionKeys, isForced: false });
  const kubelet = await startProcessKubelet({
    world,
    slots: 3,
    findFate: () => (work) => work.run({ MALLSYNC_LOG_LEVEL: 'trace' }),
  });
  const controller: Started = world.start(['controller'], { POD_NAME: 'controller-1' });
  await awaitLead(controller);
  const url = await awaitUrl(controller);
  for (const domainType of DOMAINS) {
    await world.create(`night-${domainType.toLowerCase()}`, {
      domainType,
      mallIds: MALLS.map((_, index) => index + 1),
    });
  }
  // its words about connections that end are heard, too
  await controller.waitForError(/"outcome recorded"/);
  await world.database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like 'mallsync controller%'`,
  );
  for (const domainType of DOMAINS) await world.waitFor(`night-${domainType.toLowerCase()}`, isOver);
  await kubelet.rest();
  open = await until('the metrics of the night', async () => {
    const read = await readTheOpen(url);
    return (read.get('metrics') ?? '').includes('mallsync_night_malls') ? read : undefined;
  });
  await terminate(controller);
  await Promise.all(kept);
  runs = await world.database.query<Ended & Record<string, unknown>>(
    `select execution_id::integer as "executionId", mall_id::integer as "mallId", domain_type as "domainType", status,
       failure_reason as reason from mallsync.tb_batch_execution_summary order by 1`,
  );
}, NEEDED_MS);

describe('the logs of a night in the cluster', () => {
  test('follow each run by its number from the controller to its pod and back', () => {
    expect(runs).toHaveLength(DOMAINS.length * MALLS.length);
    const controller = (said.texts.get('controller') ?? '').split('\n').filter((line) => line.startsWith('{"level":'));
    const lines = controller.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const told = lines.filter(({ msg }) => msg === 'outcome recorded');
    expect(
      told
        .map(({ executionId, mallId, domainType, status, reason }) => ({
          executionId,
          mallId,
          domainType,
          status,
          reason,
        }))
        .toSorted((a, b) => Number(a.executionId) - Number(b.executionId)),
    ).toEqual(runs);
    expect(
      told.every(({ reconcileId, mallSync }) => Boolean(reconcileId) && String(mallSync).startsWith('night-')),
    ).toBe(true);
    const launched = lines
      .filter(({ msg }) => msg === 'Jobs launched')
      .flatMap(({ executionIds }) => executionIds as number[]);
    expect(launched.toSorted((a, b) => a - b)).toEqual(runs.map(({ executionId }) => executionId));
    for (const { executionId } of runs) {
      const ofPod = [...said.texts].filter(
        ([name, text]) => name.startsWith('sync') && text.includes(`"executionId":${executionId},`),
      );
      expect(ofPod.length, `pods of execution ${executionId}`).toBeGreaterThan(0);
    }
  });

  test('were written by controller and pods, of what went well and of what failed', () => {
    expect(linesOf('controller').length).toBeGreaterThan(runs.length + 5);
    expect(linesOf('controller').map(({ msg }) => msg)).toContain('listening is tried again');
    expect(linesOf('sync').length).toBeGreaterThan(3 * runs.length);
    const reasons = new Set(runs.map(({ reason }) => reason));
    expect([...reasons]).toEqual(expect.arrayContaining([null, 'AuthFailed', 'UpstreamContract', 'IncompleteRead']));
  });

  test('use one vocabulary', () => {
    expect(listStrangers([...linesOf('controller'), ...linesOf('sync')])).toEqual([]);
  });

  test('hold no secret and nothing personal, nor does what the cluster and Prometheus are told', () => {
    const guarded = listGuarded();
    expect(guarded.filter(({ isSecret }) => !isSecret).length).toBeGreaterThan(500);
    expect(findLeaks(new Map([...said.texts, ...open]), guarded)).toEqual([]);
    const planted = guarded.slice(0, 1);
    const all = new Map([...open].map(([name, text]) => [name, `${text} ${planted[0]?.value}`]));
    expect(findLeaks(all, planted).map(({ said: name }) => name)).toEqual([...open.keys()]);
  });
});
