import { Cron } from 'croner';
import { createPageMetrics } from '../../adapters/telemetry/page-metrics.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { blameSetting } from '../blame-setting.ts';
import type { CommandIo } from '../command.ts';
import { defineCommand } from '../command.ts';
import { createCommandLog } from '../log.ts';
import { SCHEDULE_ZONE } from '../settings/schedule-settings.ts';
import { useDatabase } from '../use-database.ts';
import { careDaily } from './daily-care.ts';
import { runNight } from './night.ts';
import { serveRetryRequests } from './retry-loop.ts';
import type { ServeContext } from './serve-context.ts';
import { createServeContext, guard } from './serve-context.ts';
import { startMetrics } from './serve-metrics.ts';
import { withPage } from './serve-page.ts';
import { serveSettings } from './serve-settings.ts';
import { takeOverLost } from './take-over.ts';

/** The daily care begins this long after the night, when its first rush is over. */
const CARE_PATTERN = '30 6 * * *';

export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'Stay up: the nightly schedule, retry requests and the operator’s page',
  settings: serveSettings,
  examples: [
    ['serve', 'each midnight of Seoul: yesterday, and what is missing; retry requests as they come'],
    ['serve --schedule "30 1 * * *" --lookback-days 2', 'later, and with the two days before once more'],
  ],
  run: (settings, io) =>
    useDatabase(settings, { name: 'serve', poolSize: 3 }, async (database) => {
      const log = createCommandLog(settings, io);
      const pageMetrics = settings.page ? createPageMetrics(null) : null;
      await serve(createServeContext({ name: 'serve', settings, database, log, pageMetrics }, io), io);
      return EXIT.ok;
    }),
});

/** Everything runs side by side until the signal aborts, and each part has drained by the time this resolves. */
async function serve(context: ServeContext, { signal }: CommandIo): Promise<void> {
  const { host, port, schedule } = context.settings;
  const probes = await startMetrics(context, port).catch(
    blameSetting(`--host and --port must be free to listen on; ${host}:${port} is not`),
  );
  const metricsUrl = `${probes.url}/metrics`;
  context.log.info('serving', { url: probes.url, metricsUrl, schedule, zone: SCHEDULE_ZONE });
  try {
    await withPage(context, () => serveAll(context, signal));
  } finally {
    await probes.close();
  }
}

async function serveAll(context: ServeContext, signal: AbortSignal): Promise<void> {
  const work = createQueue();
  const care = createQueue();
  const addNight = (scheduledAtMs: number): void =>
    work.add(() => guard(context, 'night', signal, () => runNight(context, scheduledAtMs, signal)));
  const jobs = [
    new Cron(context.settings.schedule, { timezone: SCHEDULE_ZONE }, (job) =>
      addNight(job.currentRun()?.getTime() ?? Date.now()),
    ),
    new Cron(CARE_PATTERN, { timezone: SCHEDULE_ZONE }, () => care.add(() => careDaily(context, signal))),
  ];
  work.add(() => guard(context, 'take over', signal, () => takeOverLost(context, signal)));
  // a night that was missed while nothing served is made up for; a complete one costs a look
  addNight(Date.now());
  try {
    await serveRetryRequests(context, signal);
  } finally {
    for (const job of jobs) job.stop();
    await Promise.all([work.idle(), care.idle()]);
  }
}

interface Queue {
  add(work: () => Promise<void>): void;
  /** Resolves when all that was added has been done. */
  idle(): Promise<void>;
}

/** One after the other: a night that lasts longer than a day holds the next one up, and none is left out. */
function createQueue(): Queue {
  let last = Promise.resolve();
  return {
    add(work) {
      last = last.then(work);
    },
    idle: () => last,
  };
}
