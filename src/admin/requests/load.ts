import type { Database } from '../../adapters/postgres/database.ts';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import { listExecutions } from '../../adapters/postgres/execution-store.ts';
import { isServed } from '../../adapters/postgres/listen.ts';
import type { Click, ClickItem, ClickRequest } from '../../adapters/postgres/read-models/request-list.ts';
import { loadClick } from '../../adapters/postgres/read-models/request-list.ts';
import { LIVE_STATUSES } from '../../domain/execution.ts';
import { parsePeriod } from '../../domain/period.ts';
import type { RerunOutcome, RerunVerdict } from '../../domain/rerun-outcome.ts';
import { RERUN_OUTCOMES, toRerunVerdict } from '../../domain/rerun-outcome.ts';
import type { RunGroup } from '../../domain/rerun-plan.ts';
import { groupRuns } from '../../domain/rerun-plan.ts';
import { NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';

export interface ProgressItem extends ClickItem, RerunVerdict {
  readonly request: ClickRequest;
  /** Of the run that is under way; null when none is, or not looked at. */
  readonly rowsRead: number | null;
}

/** How far one click is. */
export interface Progress {
  readonly click: Click;
  /** What needs a person comes first. */
  readonly items: readonly ProgressItem[];
  readonly counts: Readonly<Record<RerunOutcome, number>>;
  readonly isOver: boolean;
  readonly isServed: boolean;
}

const ORDER: readonly RerunOutcome[] = [
  'failed',
  'refused',
  'stopped',
  'started',
  'waiting',
  'already running',
  'completed',
  'already complete',
];

/** A server runs a few requests at once; looking at more would cost more than it tells. */
const MOST_LOOKED_AT = 10;

/** @throws NotFound when nothing was asked for under this key */
export async function loadProgress({ database }: AdminContext, key: string): Promise<Progress> {
  const [click, served] = await Promise.all([loadClick(database.pool, key), isServed(database)]);
  if (click === null) throw new NotFound(`there is no request ${key}`);
  const running = click.requests.filter(({ items }) => items.some(({ state }) => state === 'RUNNING'));
  const runs = await Promise.all(running.slice(0, MOST_LOOKED_AT).map((request) => listLive(database, request)));
  return buildProgress(click, runs.flat(), served);
}

async function listLive(
  database: Database,
  { domainType, startDate, endDate, items }: ClickRequest,
): Promise<readonly ExecutionRecord[]> {
  const mallIds = items.filter(({ state }) => state === 'RUNNING').map(({ mallId }) => mallId);
  const period = parsePeriod(startDate, endDate);
  return await listExecutions(database, {
    mallIds,
    domainType,
    period,
    statuses: LIVE_STATUSES,
    limit: mallIds.length,
  });
}

/** @param live runs that are under way of what the click asks for */
export function buildProgress(
  click: Click,
  live: readonly Pick<
    ExecutionRecord,
    'executionId' | 'mallId' | 'domainType' | 'startDate' | 'endDate' | 'counters'
  >[],
  served: boolean,
): Progress {
  const runs = groupRuns(live.map((run) => ({ ...run, pageSize: 0 })));
  const items = click.requests
    .flatMap((request) => {
      const own = runs.find((group) => isSamePeriod(group, request))?.runs ?? [];
      const byMall = new Map(own.map((run) => [run.mallId, run]));
      return request.items.map((item) => toProgressItem(request, item, byMall.get(item.mallId)));
    })
    .toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  const count = (outcome: RerunOutcome): number => items.filter((item) => item.outcome === outcome).length;
  const counts = Object.fromEntries(RERUN_OUTCOMES.map((outcome) => [outcome, count(outcome)]));
  return {
    click,
    items,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an entry for each outcome
    counts: counts as Record<RerunOutcome, number>,
    isOver: click.requests.every(({ state }) => state === 'DONE' || state === 'REFUSED'),
    isServed: served,
  };
}

/** A server that takes a request calls all of its malls running; those whose turn has not come yet still wait. */
function toProgressItem(
  request: ClickRequest,
  item: ClickItem,
  run: Pick<ExecutionRecord, 'executionId' | 'counters'> | undefined,
): ProgressItem {
  const verdict = toRerunVerdict(item, item.executionStatus);
  if (item.state !== 'RUNNING') return { ...item, ...verdict, request, rowsRead: null };
  const executionId = item.executionId ?? run?.executionId ?? null;
  const outcome = executionId === null ? 'waiting' : verdict.outcome;
  return { ...item, ...verdict, outcome, executionId, request, rowsRead: run?.counters.read ?? null };
}

function isSamePeriod(group: RunGroup, request: ClickRequest): boolean {
  if (group.domainType !== request.domainType) return false;
  const [a, b] = [group, request].map(({ startDate, endDate }) => parsePeriod(startDate, endDate));
  return a?.fromMs === b?.fromMs && a?.untilMs === b?.untilMs;
}

/** The executions of a click that failed, or that were stopped though it did not ask for that, to be run again. */
export function listFailed({ click, items }: Pick<Progress, 'click' | 'items'>): readonly number[] {
  if (click.kind === 'STOP') return [];
  return items.flatMap(({ outcome, executionId }) =>
    (outcome === 'failed' || outcome === 'stopped') && executionId !== null ? [executionId] : [],
  );
}
