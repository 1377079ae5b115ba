import type { MallBudget } from '../../adapters/postgres/read-models/mall-budgets.ts';

/** What a mall has used of its API budget, over all that is read of it. */
export interface MallUsage {
  readonly mallId: number;
  readonly mallName: string;
  /** Of each endpoint; the whole mall's own ceiling is refilled too fast to tell anything. */
  readonly buckets: readonly { readonly endpoint: string; readonly level: number; readonly size: number }[];
  readonly callUsagePercent: number | null;
  readonly timeUsagePercent: number | null;
  /** The longest block; `endpoint` is null when it holds for the whole mall. */
  readonly block: { readonly untilMs: number; readonly endpoint: string | null } | null;
}

const WHOLE_MALL = '*';

/** One a mall, in the order of the malls' first budgets. */
export function toMallUsages(budgets: readonly MallBudget[]): readonly MallUsage[] {
  return [...Map.groupBy(budgets, ({ mallId }) => mallId)].map(([mallId, own]) => ({
    mallId,
    mallName: own[0]?.mallName ?? '',
    buckets: own.filter(({ endpoint }) => endpoint !== WHOLE_MALL).map(toBucket),
    callUsagePercent: toHighest(own.map(({ callUsagePercent }) => callUsagePercent)),
    timeUsagePercent: toHighest(own.map(({ timeUsagePercent }) => timeUsagePercent)),
    block: findLongestBlock(own),
  }));
}

function toBucket({ endpoint, level, size }: MallBudget): MallUsage['buckets'][number] {
  return { endpoint, size, level: Math.min(Math.round(level), size) };
}

/** Each endpoint keeps what its own last answer said of the mall: the highest is the one to mind. */
function toHighest(percents: readonly (number | null)[]): number | null {
  const known = percents.filter((percent) => percent !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function findLongestBlock(own: readonly MallBudget[]): MallUsage['block'] {
  let longest: MallUsage['block'] = null;
  for (const { endpoint, blockedUntilMs } of own) {
    if (blockedUntilMs === null || blockedUntilMs <= (longest?.untilMs ?? 0)) continue;
    longest = { untilMs: blockedUntilMs, endpoint: endpoint === WHOLE_MALL ? null : endpoint };
  }
  return longest;
}
