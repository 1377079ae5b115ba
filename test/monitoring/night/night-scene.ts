import { importMalls } from '../../../src/adapters/postgres/import-malls.ts';
import { DAY_MS, startOfSeoulDay, toSeoulDay } from '../../../src/domain/seoul-time.ts';
import { toImportFile } from '../../../src/simulator/demo-fleet.ts';
import { startSimulator, type Simulator } from '../../../src/simulator/start.ts';
import { createClusterWorld, type ClusterWorld } from '../../support/cluster-world.ts';
import { atFileEnd } from '../../support/file-end.ts';
import { awaitLead, awaitUrl } from '../../support/leader-scene.ts';
import { isOver } from '../../support/led-world.ts';
import { AS_IT_IS, startProcessKubelet, type ProcessKubelet } from '../../support/process-kubelet.ts';
import { until } from '../../support/process-signals.ts';
import type { Finished } from '../../support/program.ts';
import { startPrometheus, type PrometheusServer } from '../../support/prometheus-server.ts';
import type { TimeScale } from '../../support/prometheus-time.ts';
import { waitOutSeoulMidnight } from '../../support/seoul-midnight.ts';
import { EXPIRING_MALL, mallIdOf, NIGHT_MALLS } from './malls.ts';
import { listRuleFiles, readHonorLabels, toTarget } from './targets.ts';

export interface NightScene {
  readonly world: ClusterWorld;
  readonly simulator: Simulator;
  readonly prometheus: PrometheusServer;
  readonly kubelet: ProcessKubelet;
  /** The operator's page. */
  readonly pageUrl: string;
  /** Where the controller's own metrics are. */
  readonly controllerUrl: string;
  /** When Prometheus began to look. */
  readonly beginsMs: number;
  /** `YYYY-MM-DD`: the day that is read. */
  readonly night: string;
  /** One command of the program, to its end. @throws when it does not end with 0 */
  command(...args: string[]): Promise<Finished>;
  /** Creates the night's MallSyncs as the CronJob does. Resolves when all have ended. */
  runNight(): Promise<void>;
  /** The cause of each failure taken away, as if somebody had called the shops, the platform's people and Cafe24. */
  mend(): Promise<void>;
}

/** Longer than all of it takes. */
const NEEDED_MS = 900_000;
/** Malls have been known, and were read, for so many days before. */
const KNOWN_DAYS = 12;
const SLOTS = 4;
/** A night of two hours passes in a minute; a scrape or two that a busy machine loses are no trouble. */
const SCALE: TimeScale = { factor: 120, leastSeconds: 20, leastStepSeconds: 2 };

/** A busy machine is no matter of these tests; the night is late from its beginning, and stale is what it did not read. */
const CONTROLLER = {
  MALLSYNC_LEADER_LEASE_SECONDS: '60',
  MALLSYNC_LEADER_RENEW_SECONDS: '40',
  MALLSYNC_START_DEADLINE_SECONDS: '30',
  MALLSYNC_NIGHTLY_SCHEDULE: '0 0 * * *',
  MALLSYNC_NIGHT_DEADLINE: '00:00',
  MALLSYNC_FRESHNESS_TARGET_HOURS: '24',
};

/** A controller that leads, a page, the malls of the night, and a Prometheus that looks at it all from the beginning. */
export async function createNightScene(): Promise<NightScene> {
  await waitOutSeoulMidnight(NEEDED_MS);
  const world = await createClusterWorld();
  const simulator = await startSimulator({ malls: NIGHT_MALLS.map(({ simulated }) => simulated) });
  atFileEnd(() => simulator.stop());
  await importFleet(world);
  const kubelet = await startProcessKubelet({
    world,
    slots: SLOTS,
    findFate: ({ mallId, attemptCount }) => (attemptCount > 1 ? AS_IT_IS : (NIGHT_MALLS[mallId - 1]?.fate ?? AS_IT_IS)),
  });
  const environment = { ...CONTROLLER, MALLSYNC_CAFE24_URL: simulator.cafe24Url };
  const controller = world.startController(environment);
  const page = world.start(['admin', '--port', '0', '--metrics-port', '0'], environment);
  const controllerUrl = await awaitUrl(controller);
  const [, pageUrl = '', metricsUrl = ''] = await page.waitForError(
    /"url":"(http:[^"]+)","metricsUrl":"(http:[^"]+)".*"serving the page"/,
  );
  await awaitLead(controller);
  // not before: a controller that is slow to start would be missed
  const prometheus = await startPrometheus({
    ruleFiles: await listRuleFiles(),
    scale: SCALE,
    honorLabels: await readHonorLabels(),
    targets: [
      toTarget(controllerUrl, { namespace: world.namespace, pod: 'controller-1', component: 'controller' }),
      toTarget(metricsUrl, { namespace: world.namespace, pod: 'admin-1', component: 'admin' }),
    ],
  });
  const beginsMs = Date.now();
  await until('the series of the fleet', async () => (await prometheus.query('mallsync_night_malls')).length > 0);
  const night = toSeoulDay(startOfSeoulDay(Date.now()) - DAY_MS);
  const command = async (...args: string[]): Promise<Finished> => {
    const end = await world.start(args, environment).finished;
    if (end.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${end.exitCode}: ${end.stdout}${end.stderr}`);
    return end;
  };
  const scene = { world, simulator, prometheus, kubelet, pageUrl, controllerUrl, beginsMs, night, command };
  return { ...scene, runNight: () => runNight(scene), mend: () => mend(scene) };
}

type Scene = Omit<NightScene, 'runNight' | 'mend'>;

async function importFleet({ database, environment }: ClusterWorld): Promise<void> {
  const malls = toImportFile(NIGHT_MALLS.map(({ simulated }) => simulated)).map((mall, index) => ({
    ...mall,
    domainTypes: NIGHT_MALLS[index]?.domainTypes ?? [],
  }));
  const encryptionKeys = environment['MALLSYNC_ENCRYPTION_KEYS'] ?? '';
  await importMalls(await database.open(), malls, { encryptionKeys, isForced: false });
  await database.query(`update mallsync.tb_mall_config set created_at = now() - interval '${KNOWN_DAYS} days'`);
  await database.query(
    `insert into mallsync.tb_coverage (mall_id, domain_type, covered)
     select mall_id, domain_type, tstzmultirange(tstzrange(
       date_trunc('day', created_at, 'Asia/Seoul'), date_trunc('day', now(), 'Asia/Seoul') - interval '1 day'))
     from mallsync.tb_mall_config cross join unnest(domain_types) as domain_type`,
  );
  await setSettings(database, { salesSource: 'nowhere' });
}

/** Of the mall whose settings are spoilt. */
async function setSettings(database: ClusterWorld['database'], settings: object): Promise<void> {
  await database.query('update mallsync.tb_mall_config set settings = $2 where mall_id = $1', [
    mallIdOf('configinvalidmall'),
    JSON.stringify(settings),
  ]);
}

async function runNight({ world, kubelet, night }: Scene): Promise<void> {
  const nightly = world.start(['nightly', '--catch-up-days', '0'], {
    KUBECONFIG: await world.writeKubeconfig('mallsync-nightly'),
  });
  const { exitCode, stdout, stderr } = await nightly.finished;
  if (exitCode !== 0) throw new Error(`nightly ended with ${exitCode}: ${stdout}${stderr}`);
  for (const domain of ['member', 'order', 'sales']) {
    const name = `nightly-${domain}-${night.replaceAll('-', '')}`;
    await until(`the end of ${name}`, async () => isOver(await world.read(name)), 300_000);
  }
  await kubelet.rest();
}

async function mend({ world, simulator, command }: Scene): Promise<void> {
  for (const { cafe24MallId } of NIGHT_MALLS) simulator.control.clearFaults(cafe24MallId);
  await setSettings(world.database, {});
  for (const cafe24MallId of ['authfailedmall', 'appuninstalledmall', EXPIRING_MALL])
    await consent(command, mallIdOf(cafe24MallId));
  // its rows are beyond mending, so nobody waits for them any more
  const hopeless = mallIdOf('rejectbudgetexceededmall');
  await command('malls', 'deactivate', String(hopeless));
  const groups = await world.database.query<{ fingerprint: string }>(
    `select distinct fingerprint from mallsync.tb_batch_error_log where status = 'OPEN' and shop_no is not null`,
  );
  for (const { fingerprint } of groups) {
    await command('errors', 'ignore', '--fingerprint', fingerprint, '--reason', 'the shop mends them');
  }
  const failed = NIGHT_MALLS.flatMap(({ reason }, index) => (reason === null ? [] : [index + 1]));
  const mended = failed.filter((mallId) => mallId !== hopeless);
  await command('rerun', '--failed', '--malls', mended.join(','), '--wait');
}

/** By the program's own way: Cafe24's page leads back with a code. */
async function consent(command: NightScene['command'], mallId: number): Promise<void> {
  const authorize = ['malls', 'authorize', String(mallId), '--redirect-uri', 'https://example.com/back'];
  const { stdout } = await command(...authorize, '--print-url');
  const { headers } = await fetch(stdout.trim(), { redirect: 'manual' });
  await command(...authorize, '--code', headers.get('location') ?? '');
}
