import { isServed } from '../../adapters/postgres/listen.ts';
import type { Click, ClickItem, ClickRequest } from '../../adapters/postgres/read-models/request-list.ts';
import { loadClick } from '../../adapters/postgres/read-models/request-list.ts';
import type { RerunOutcome, RerunVerdict } from '../../domain/rerun-outcome.ts';
import { RERUN_OUTCOMES, toRerunVerdict } from '../../domain/rerun-outcome.ts';
import { NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';

export interface ProgressItem extends ClickItem, RerunVerdict {
  readonly request: ClickRequest;
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

/** @throws NotFound when nothing was asked for under this key */
export async function loadProgress({ database }: AdminContext, key: string): Promise<Progress> {
  const [click, served] = await Promise.all([loadClick(database.pool, key), isServed(database)]);
  if (click === null) throw new NotFound(`there is no request ${key}`);
  return buildProgress(click, served);
}

export function buildProgress(click: Click, served: boolean): Progress {
  const items = click.requests
    .flatMap((request) =>
      request.items.map((item) => ({ ...item, request, ...toRerunVerdict(item, item.executionStatus) })),
    )
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

/** The executions of a click that failed, to be run again. */
export function listFailed({ items }: Pick<Progress, 'items'>): readonly number[] {
  return items.flatMap(({ outcome, executionId }) =>
    (outcome === 'failed' || outcome === 'stopped') && executionId !== null ? [executionId] : [],
  );
}
