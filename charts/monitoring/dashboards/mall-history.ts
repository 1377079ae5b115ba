import type { Section } from './dashboard.ts';
import { graphPanel, statusGrid } from './graph-panels.ts';
import { RUN_LINK, THIS_MALL_LINK } from './links.ts';
import { MALL_BUDGETS, MALL_CALLS, MALL_DAYS, MALL_ERRORS, MALL_READ, MALL_RUN_LIST, MALL_WAITS } from './mall-sql.ts';
import { COLOUR, NONE_IS_BEST } from './palette.ts';
import { sql } from './queries.ts';
import { table } from './table-panel.ts';

const ALL_STATES = [
  'REQUESTED',
  'WAITING',
  'RUNNING',
  'COMPLETED',
  'COMPLETED_WITH_REJECTS',
  'FAILED',
  'STOPPED',
  'ABANDONED',
] as const;

const NO_RUN = 'The mall had no run in this time';

export const MALL_COVERAGE: Section = {
  title: 'Coverage',
  panels: [
    statusGrid({
      title: 'Days',
      about:
        'Each day of the time range, by domain type: complete, complete with rejected rows, or missing. Bad is missing, unless the night has not run yet.',
      unit: 'none',
      queries: [sql(MALL_DAYS, 'time_series')],
      words: {
        '0': { text: 'missing', color: COLOUR.failed },
        '1': { text: 'complete', color: COLOUR.done },
        '2': { text: 'with rejects', color: COLOUR.rejects },
      },
      width: 24,
      height: 6,
      noData: 'No day of this time range is over since the mall began',
      links: [THIS_MALL_LINK],
    }),
  ],
};

export const MALL_RUNS: Section = {
  title: 'Runs',
  panels: [
    table({
      title: 'Runs of the mall',
      about:
        'The newest 200 runs that were asked for in the time range, with the parameters they ran with. Bad is FAILED as the newest of its period.',
      unit: 'none',
      queries: [sql(MALL_RUN_LIST)],
      columns: [
        { name: 'run', width: 90, links: [RUN_LINK] },
        { name: 'status', states: ALL_STATES },
        { name: 'requested', unit: 'dateTimeAsLocal' },
        { name: 'took', unit: 's' },
        { name: 'read', unit: 'short' },
        { name: 'rejected', steps: NONE_IS_BEST },
        { name: 'calls', unit: 'short' },
        { name: 'waited', unit: 'ms' },
      ],
      width: 24,
      height: 9,
      noData: NO_RUN,
      links: [THIS_MALL_LINK],
    }),
    table({
      title: 'Errors by fingerprint',
      about:
        'Rows that were rejected and runs that failed, one line a cause, the most frequent first. The sample holds no value of a row; the page shows masked ones. Bad is open entries.',
      unit: 'none',
      queries: [sql(MALL_ERRORS)],
      columns: [
        { name: 'open', steps: NONE_IS_BEST },
        { name: 'last seen', unit: 'dateTimeAsLocal' },
        { name: 'run', width: 90, links: [RUN_LINK] },
      ],
      width: 24,
      height: 7,
      noData: 'No error was seen in this time',
    }),
  ],
};

const DAILY = { width: 8, height: 8, noData: NO_RUN, style: 'bars', interval: '1d' } as const;

export const MALL_BUDGET: Section = {
  title: 'Calls and budget',
  panels: [
    graphPanel({
      ...DAILY,
      title: 'Calls of the mall',
      about:
        'Calls to Cafe24 by the day that the run was asked for. Bad is a day far above the others without a back-fill.',
      unit: 'short',
      queries: [sql(MALL_CALLS, 'time_series')],
    }),
    graphPanel({
      ...DAILY,
      title: 'Waits of the mall',
      about:
        'Time that runs waited for Cafe24, by the day that they were asked for. Bad is hours: the mall’s calls are spent elsewhere too.',
      unit: 'ms',
      queries: [sql(MALL_WAITS, 'time_series')],
    }),
    graphPanel({
      ...DAILY,
      title: 'Rows of the mall',
      about: 'Rows that were read, by the day that the run was asked for. Bad is a day without any.',
      unit: 'short',
      queries: [sql(MALL_READ, 'time_series')],
    }),
    table({
      title: 'Rate budget',
      about:
        'How full each budget of calls was when it was last used, what Cafe24 said of the usage, and until when it refuses calls. Bad is a block that lies ahead.',
      unit: 'none',
      queries: [sql(MALL_BUDGETS)],
      columns: [
        { name: 'level', unit: 'short' },
        { name: 'calls used', unit: 'percent' },
        { name: 'time used', unit: 'percent' },
        { name: 'blocked until', unit: 'dateTimeAsLocal' },
        { name: 'updated', unit: 'dateTimeAsLocal' },
      ],
      width: 24,
      height: 6,
      noData: 'The mall was never called',
    }),
  ],
};
