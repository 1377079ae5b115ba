import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { buildDashboard, type Section } from './dashboard.ts';
import { graphPanel } from './graph-panels.ts';
import { CLICK_LINK, MALL_LINK, NOW_LINK, REQUESTS_LINK, RUN_LINK, UNMENDED_LINK, toMallDashboard } from './links.ts';
import { NONE_IS_BEST, NONE_IS_GOOD } from './palette.ts';
import { sql } from './queries.ts';
import {
  ERROR_GROUPS,
  FAILED_BY_REASON,
  FAILED_RUNS,
  LIVE_RUNS,
  RETRY_REQUESTS,
  RUNS_BY_DAY,
  SLOWEST_RUNS,
} from './runs-sql.ts';
import { table, type Column } from './table-panel.ts';
import { anyMall, domain, page, postgres, schema } from './variables.ts';

const DAILY = { width: 12, height: 8, style: 'bars', interval: '1d' } as const;
const WIDE = { width: 24, height: 10, unit: 'none' } as const;
const RUN: Column = { name: 'run', width: 90, links: [RUN_LINK] };
const MALL: Column = { name: 'mall', width: 80, links: [MALL_LINK, toMallDashboard('postgres', 'page', 'schema')] };
const REQUESTED: Column = { name: 'requested', unit: 'dateTimeAsLocal' };
const TOOK: Column = { name: 'took', unit: 's' };

const NIGHTS: Section = {
  title: 'Nights',
  panels: [
    graphPanel({
      ...DAILY,
      title: 'Runs by night',
      about:
        'All runs by the Seoul day on which they were asked for, which for a nightly one is the morning after the day it reads. Bad is FAILED, and a day with far fewer runs.',
      unit: 'short',
      queries: [sql(RUNS_BY_DAY, 'time_series')],
      series: [
        'REQUESTED',
        'WAITING',
        'RUNNING',
        'COMPLETED',
        'COMPLETED_WITH_REJECTS',
        'FAILED',
        'STOPPED',
        'ABANDONED',
      ],
      noData: 'No run was asked for in this time',
    }),
    graphPanel({
      ...DAILY,
      title: 'Failed runs by night and reason',
      about: 'Runs that failed or were stopped, by day and reason. Bad is a reason that is new or grows.',
      unit: 'short',
      queries: [sql(FAILED_BY_REASON, 'time_series')],
      noData: 'No run failed in this time',
      links: [UNMENDED_LINK],
    }),
  ],
};

const FAILURES_AND_ERRORS: Section = {
  title: 'What went wrong',
  panels: [
    table({
      ...WIDE,
      title: 'Failed runs',
      about:
        'The newest 500 runs that failed or were stopped, with the seven parameters they ran with and why they failed. Bad is what nobody ran again; a click on the number leads to the run, where it can be.',
      queries: [sql(FAILED_RUNS)],
      columns: [
        RUN,
        MALL,
        { name: 'status', states: ['FAILED', 'STOPPED', 'ABANDONED'] },
        REQUESTED,
        { name: 'ended', unit: 'dateTimeAsLocal' },
      ],
      noData: 'No run failed in this time',
      links: [UNMENDED_LINK],
    }),
    table({
      ...WIDE,
      title: 'Error groups',
      about:
        'Errors that were last seen in the time range, one line a cause. The sample holds no value of a row; the run’s page shows masked rows. Bad is open entries at many malls.',
      queries: [sql(ERROR_GROUPS)],
      columns: [
        { name: 'open', steps: NONE_IS_BEST },
        { name: 'first seen', unit: 'dateTimeAsLocal' },
        { name: 'last seen', unit: 'dateTimeAsLocal' },
        RUN,
      ],
      noData: 'No error was seen in this time',
    }),
  ],
};

const TIME_AND_WISHES: Section = {
  title: 'Slow, live and asked for',
  panels: [
    table({
      ...WIDE,
      title: 'Slowest runs',
      about: 'The 50 runs of the time range that took longest. Bad is time that was not waited for Cafe24.',
      queries: [sql(SLOWEST_RUNS)],
      columns: [
        RUN,
        MALL,
        { name: 'status', states: ['COMPLETED', 'COMPLETED_WITH_REJECTS', 'FAILED', 'STOPPED', 'ABANDONED'] },
        TOOK,
        { name: 'waited', unit: 'ms' },
        { name: 'read', unit: 'short' },
        { name: 'calls', unit: 'short' },
        REQUESTED,
      ],
      noData: 'No run ended in this time',
    }),
    table({
      ...WIDE,
      title: 'Runs under way',
      about: 'What is requested, waits or runs now, the oldest first. Bad is hours without a page.',
      queries: [sql(LIVE_RUNS)],
      columns: [
        RUN,
        MALL,
        { name: 'status', states: ['REQUESTED', 'WAITING', 'RUNNING'] },
        { name: 'age', unit: 's' },
        { name: 'read', unit: 'short' },
      ],
      noData: 'Nothing is under way',
      links: [NOW_LINK],
    }),
    table({
      ...WIDE,
      title: 'Retry requests',
      about:
        'The newest 200 requests to run again, whatever the time range: who asked for what, and what came of it. Bad is PENDING for minutes, and refused malls.',
      queries: [sql(RETRY_REQUESTS)],
      columns: [
        { name: 'click', links: [CLICK_LINK] },
        { name: 'state', states: ['PENDING', 'ACCEPTED', 'DONE', 'REFUSED'] },
        { name: 'refused', steps: NONE_IS_GOOD },
        REQUESTED,
        TOOK,
      ],
      noData: 'Nobody asked for anything yet',
      links: [REQUESTS_LINK],
    }),
  ],
};

export function buildRunsDashboard(): Dashboard {
  return buildDashboard({
    uid: 'mallsync-runs',
    title: 'mallsync / Runs',
    about:
      'The history from PostgreSQL: what failed with which parameters and why, errors by cause, what was slow, who asked for what.',
    variables: [postgres, domain, anyMall, page, schema],
    from: 'now-7d',
    refresh: '5m',
    sections: [NIGHTS, FAILURES_AND_ERRORS, TIME_AND_WISHES],
  });
}
