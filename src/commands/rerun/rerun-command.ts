import type { Database } from '../../adapters/postgres/database.ts';
import { listExecutions } from '../../adapters/postgres/execution-store.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { createRetryRequests } from '../../adapters/postgres/retry-request.ts';
import type { PlannedMall } from '../../adapters/telemetry/progress.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { CommandIo } from '../command.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import type { WatchedRun } from '../progress.ts';
import { createWatchedRun } from '../progress.ts';
import { useDatabase } from '../use-database.ts';
import type { Followed } from './follow-requests.ts';
import { followRequests } from './follow-requests.ts';
import { toRerunExitCode, toRerunItems } from './rerun-outcome.ts';
import type { RerunItem } from './rerun-outcome.ts';
import type { RerunSettings } from './rerun-settings.ts';
import { rerunSettings } from './rerun-settings.ts';
import { renderRerun, toRerunDocument } from './rerun-text.ts';
import { sendRequests } from './send-requests.ts';

export const rerunCommand = defineCommand({
  name: 'rerun',
  summary: 'Ask for a period to be read again, or re-run what failed',
  settings: rerunSettings,
  examples: [
    [
      'rerun --failed',
      'what failed and was not mended: left to a server (`serve`) where one is connected, else run here and now',
    ],
    ['rerun --failed --domain ORDER --malls 3,7 --since 24h --wait', 'stay until it has ended, whoever runs it'],
    ['rerun --execution 918', 'one that failed, once more'],
    [
      'rerun --malls 3 --domain ORDER --start 2025-12-01T00:00:00 --end 2025-12-02T00:00:00 --reprocess --reason "late orders"',
      'read again what is complete',
    ],
    ['rerun --failed --key night-1201 --queue', 'only write the request; sent again, it stays one request'],
  ],
  async run(settings, io) {
    const watched = createWatchedRun(settings, io);
    const { key, followed, items } = await useDatabase(settings, { name: 'rerun', poolSize: 2 }, (database) =>
      rerun(settings, database, watched, io),
    ).finally(() => watched.display.stop());
    if (settings.json) printJson(io, toRerunDocument(key, followed, items));
    else io.stdout.write(renderRerun(key, followed, items));
    return io.signal.aborted ? EXIT.stopped : toRerunExitCode(items);
  },
});

interface Rerun {
  readonly key: string;
  readonly followed: Followed;
  readonly items: readonly RerunItem[];
}

async function rerun(
  settings: RerunSettings,
  database: Database,
  { log, display }: WatchedRun,
  io: CommandIo,
): Promise<Rerun> {
  const { key, requestIds } = await sendRequests(settings, database, io);
  const { parallel, threads } = settings;
  const following = settings.queue ? 'queue' : settings.wait ? 'wait' : 'default';
  const planned = await listPlanned(requestIds, database);
  let isPlanned = false;
  const emit: typeof display.show = (event) => {
    // only what is run here has bars
    if (!isPlanned) display.plan(planned);
    isPlanned = true;
    display.show(event);
  };
  const followed = await followRequests(
    requestIds,
    following,
    {
      database,
      options: { settings, name: 'rerun', parallel, threads },
      watch: { log, emit },
    },
    io.signal,
  );
  const executionIds = followed.requests.flatMap(({ items }) => items.flatMap((item) => item.executionId ?? []));
  const records = await listExecutions(database, { executionIds, limit: executionIds.length });
  const executions = new Map(records.map((record) => [record.executionId, record]));
  return { key, followed, items: toRerunItems(followed.requests, executions) };
}

async function listPlanned(requestIds: readonly number[], database: Database): Promise<readonly PlannedMall[]> {
  const requests = createRetryRequests(database);
  const names = new Map((await createMallStore(database).listMalls()).map((mall) => [mall.mallId, mall.cafe24MallId]));
  const domainTypesOf = new Map<number, Set<DomainType>>();
  for (const requestId of requestIds) {
    const request = await requests.find(requestId);
    if (request === null) continue;
    for (const { mallId } of request.items) {
      domainTypesOf.set(mallId, (domainTypesOf.get(mallId) ?? new Set()).add(request.domainType));
    }
  }
  return [...domainTypesOf]
    .toSorted(([a], [b]) => a - b)
    .map(([mallId, domainTypes]) => ({
      mallId,
      label: `${mallId} ${names.get(mallId) ?? ''}`,
      domainTypes: [...domainTypes],
    }));
}
