import { BY_DOMAIN, fleet, fleetIncrease, fleetQuantile, fleetRate, sumOf } from './expressions.ts';
import { graphPanel } from './graph-panels.ts';
import { NOW_LINK, UNMENDED_LINK } from './links.ts';
import { NONE_IS_BEST } from './palette.ts';
import { graph, now } from './queries.ts';
import { stat } from './value-panels.ts';
import type { Section } from './dashboard.ts';

const NOBODY = 'No leader and no serve process tells of the fleet';
const RUNS = { ...BY_DOMAIN, labels: ['domain', 'result', 'reason'] };
const ROWS = { ...BY_DOMAIN, labels: ['domain', 'outcome'] };
const THIRD = { width: 8, height: 8, noData: NOBODY } as const;
const HALF = { width: 12, height: 8, noData: NOBODY } as const;

export const RUNS_AND_ROWS: Section = {
  title: 'Runs and rows',
  panels: [
    graphPanel({
      ...THIRD,
      title: 'Runs by result',
      about: 'Runs that ended, in each interval of the graph. Bad is a growing share of FAILED.',
      unit: 'short',
      style: 'bars',
      interval: '5m',
      queries: [graph(fleetIncrease('runs_total', RUNS, ['result']), '{{result}}')],
      series: ['COMPLETED', 'COMPLETED_WITH_REJECTS', 'FAILED', 'STOPPED'],
      links: [UNMENDED_LINK],
    }),
    graphPanel({
      ...THIRD,
      title: 'Runs by reason',
      about:
        'Runs that did not complete, by reason, in each interval of the graph. One reason at many malls is a cause outside of them: the API, the database, the program.',
      unit: 'short',
      style: 'bars',
      interval: '5m',
      queries: [
        graph(
          fleetIncrease('runs_total', { ...RUNS, matchers: [...BY_DOMAIN.matchers, 'reason!=""'] }, ['reason']),
          '{{reason}}',
        ),
      ],
      links: [UNMENDED_LINK],
    }),
    graphPanel({
      ...THIRD,
      title: 'Duration of runs',
      about:
        'How long runs take, from begin to end: the middle one and the slowest of twenty. Bad is what nears the deadline.',
      unit: 's',
      queries: [
        graph(fleetQuantile(0.5, 'run_duration_seconds', BY_DOMAIN, ['domain']), '{{domain}} p50'),
        graph(fleetQuantile(0.95, 'run_duration_seconds', BY_DOMAIN, ['domain']), '{{domain}} p95'),
      ],
    }),
    graphPanel({
      ...HALF,
      title: 'Rows per second',
      about:
        'Rows by what became of them. Unchanged and stale rows cost calls and nothing else; rejected ones are kept to be replayed. Bad is a rise of rejected, or none at all during the night.',
      unit: 'cps',
      style: 'area',
      queries: [graph(fleetRate('rows_total', ROWS, ['outcome']), '{{outcome}}')],
      series: ['inserted', 'updated', 'unchanged', 'stale', 'rejected', 'duplicate'],
    }),
    graphPanel({
      ...HALF,
      title: 'Open rejected rows',
      about: 'Rejected rows that nobody has replayed or ignored, by domain type. Bad is a step up: a new cause.',
      unit: 'short',
      queries: [graph(sumOf(fleet('rejected_rows_open', BY_DOMAIN), ['domain']), '{{domain}}')],
    }),
  ],
};

const CALLS = { labels: ['endpoint', 'code'] };

export const CAFE24: Section = {
  title: 'Cafe24',
  panels: [
    graphPanel({
      ...THIRD,
      title: 'Calls to Cafe24',
      about: 'Calls a second by endpoint, over all malls. Each mall has at most 8 a second.',
      unit: 'reqps',
      style: 'area',
      queries: [graph(fleetRate('api_requests_total', CALLS, ['endpoint']), '{{endpoint}}')],
      noData: 'No call yet',
    }),
    graphPanel({
      ...THIRD,
      title: 'Calls that Cafe24 refused',
      about:
        'Calls a second that were not answered with success, by status. 429 is the rate limit: bad when it lasts, for another client spends the mall’s calls. 5xx is Cafe24’s own trouble, 401 and 403 a lost consent.',
      unit: 'reqps',
      queries: [graph(fleetRate('api_requests_total', { ...CALLS, matchers: ['code!~"2.."'] }, ['code']), '{{code}}')],
      noData: 'No call was refused',
    }),
    graphPanel({
      ...THIRD,
      title: 'Waits for Cafe24',
      about:
        'Seconds waited a second, over all runs, by cause: rate is the budget at work, quota a spent usage quota, retry an answer that failed, token another process that refreshes. Bad is quota, and retry that lasts.',
      unit: 's',
      style: 'area',
      queries: [graph(fleetRate('api_wait_seconds_total', { labels: ['cause'] }, ['cause']), '{{cause}}')],
    }),
    stat({
      title: 'Blocked malls',
      about: 'Malls of which Cafe24 refuses calls at present. They wait and spend no retry; bad is many, or for hours.',
      unit: 'short',
      queries: [now(sumOf(fleet('budget_blocked_malls', { labels: [] })))],
      steps: NONE_IS_BEST,
      width: 6,
      height: 5,
      noData: NOBODY,
      links: [NOW_LINK],
    }),
    graphPanel({
      title: 'Blocked malls over time',
      about: 'Malls of which Cafe24 refused calls. Bad is a block that outlasts the night.',
      unit: 'short',
      queries: [graph(sumOf(fleet('budget_blocked_malls', { labels: [] })), 'blocked')],
      width: 18,
      height: 5,
      noData: NOBODY,
    }),
  ],
};
