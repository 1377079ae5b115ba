import type { Alert } from './alert.ts';
import { countReasons, MALLS_ARE, MOST_NAMED, nameMalls, nameUnread, PLACE } from './mall-names.ts';
import { fleet, rise, select } from './selectors.ts';

/** Below it the failures of one mall with its three domain types, tried twice, are not a trouble of the fleet. */
const FEWEST_FAILED_RUNS = 5;
/** One of the three domain types that fails everywhere is a third of all runs. */
const FAILED_SHARE = 0.2;
/** A night's runs take an hour or two; what failed before them is not this night's. */
const FAILED_RANGE = '2h:1m';
/** A few odd rows a day are somebody's typing: a new cause brings more, and of more than one row in a thousand. */
const FEWEST_NEW_REJECTS = 10;
const REJECTED_SHARE = 0.001;
/** So that what happened while the controller was away is seen when it is back. */
const DAY = '1d:5m';
/** A missed night is told for so long: until it was read, or until the deadline tells of it. */
const MISSED_FOR = '6h';

/** What consents_expiring_malls counts by. */
const EXPIRING_SECONDS = 3 * 86_400;

const NIGHT_END = 'scalar(max(mallsync_night_end_timestamp_seconds{namespace=%[1]q}))';
const TARGET = 'scalar(max(mallsync_freshness_target_seconds{namespace=%[1]q}))';
const LOST_CONSENT = 'AuthFailed|AppUninstalled';

const FAILED_RUNS = `sum by (namespace) (${rise('mallsync_runs_total', {
  by: ['domain', 'result', 'reason'],
  where: 'result=~"FAILED|ABANDONED"',
  range: FAILED_RANGE,
})})`;
const ENDED_RUNS = `sum by (namespace) (${rise('mallsync_runs_total', {
  by: ['domain', 'result', 'reason'],
  where: 'result!="STOPPED"',
  range: FAILED_RANGE,
})})`;

const OPEN_REJECTS = fleet('mallsync_rejected_rows_open', { by: ['domain'] });
const NEW_REJECTS = `(${OPEN_REJECTS} - min_over_time((${OPEN_REJECTS})[${DAY}]))`;
const ROWS = `sum by (namespace, domain) (${rise('mallsync_rows_total', { by: ['domain', 'outcome'], range: DAY })})`;

const MISSED_NIGHTS = `max by (namespace) (${select('mallsync_schedule_missed_total')})`;

export const FLEET_ALERTS: readonly Alert[] = [
  {
    name: 'MallsyncNightIncomplete',
    group: 'fleet',
    severity: 'critical',
    for: '5m',
    expr: `sum by (namespace) (${fleet('mallsync_night_malls', { by: ['state'], where: 'state!="done"' })}) > 0
and on (namespace)
time() >= ${fleet('mallsync_night_deadline_timestamp_seconds')}`,
    summary: `${MALLS_ARE} not complete after last night${PLACE}${nameMalls(
      { completeUntil: NIGHT_END },
      countReasons('max by (reason) (mallsync_night_failed_malls{namespace=%[1]q})'),
    )}`,
    description: 'The deadline of the night has passed. Reports and billing of these malls lack yesterday.',
    firesWhen: 'the deadline of the night has passed and a mall has failed, waits or still runs',
  },
  {
    name: 'MallsyncMallsStale',
    group: 'fleet',
    severity: 'warning',
    for: '1h',
    expr: `${fleet('mallsync_stale_malls', { by: ['domain'] })} > 0`,
    summary: `${MALLS_ARE} behind with {{ $labels.domain }}${PLACE}${nameMalls({
      ofDomain: true,
      completeUntil: `time() - ${TARGET}`,
    })}`,
    description: 'The last complete period of these malls ended longer ago than the freshness target allows.',
    firesWhen: 'an active mall has been behind its freshness target for an hour, by domain type',
  },
  {
    name: 'MallsyncFailureShareHigh',
    group: 'fleet',
    severity: 'warning',
    for: '15m',
    expr: `${FAILED_RUNS} / ${ENDED_RUNS} > ${FAILED_SHARE}
and on (namespace)
${FAILED_RUNS} >= ${FEWEST_FAILED_RUNS}`,
    summary: `{{ $value | humanizePercentage }} of the runs of two hours failed${PLACE}${countReasons(
      `sum by (reason) (increase((max by (domain, result, reason) (mallsync_runs_total{namespace=%[1]q, result=~"FAILED|ABANDONED"}))[${FAILED_RANGE}]))`,
    )}`,
    description:
      'So many failures at once have one cause in common: Cafe24, the database, the cluster or a new version.',
    firesWhen: `more than ${FAILED_SHARE * 100} % of the runs that ended within two hours failed, and at least ${FEWEST_FAILED_RUNS} did, for 15 minutes`,
  },
  {
    name: 'MallsyncRejectedRowsRising',
    group: 'fleet',
    severity: 'warning',
    for: '15m',
    expr: `${NEW_REJECTS} > ${FEWEST_NEW_REJECTS}
and on (namespace, domain)
${NEW_REJECTS} > ${REJECTED_SHARE} * ${ROWS}`,
    summary: `{{ printf "%.0f" $value }} more rows of {{ $labels.domain }} are rejected than a day ago${PLACE}`,
    description: 'These rows are kept, masked, and are missing in the tables until they are replayed.',
    firesWhen: `more than ${FEWEST_NEW_REJECTS} rows of a domain type, and more than 1 in ${1 / REJECTED_SHARE} that were read, were rejected within a day and are open`,
  },
  {
    name: 'MallsyncConsentExpiring',
    group: 'fleet',
    severity: 'warning',
    for: '1h',
    expr: `${fleet('mallsync_consents_expiring_malls')} > 0`,
    summary: `{{ if eq $value 1.0 }}The consent of 1 mall{{ else }}The consents of {{ printf "%.0f" $value }} malls{{ end }} will run out within 3 days${PLACE}${[
      `{{ range $i, $mall := printf \`bottomk(${MOST_NAMED}, max by (mall_id) (mallsync_token_expiry_timestamp_seconds{namespace=%q}) - time() < ${EXPIRING_SECONDS} > 0)\` $labels.namespace | query }}`,
      '{{ if $i }}, {{ else }}: {{ end }}mall {{ $mall.Labels.mall_id }} in {{ $mall.Value | humanizeDuration }}{{ end }}',
    ].join('')}`,
    description: 'Each run renews the consent for two weeks, so these malls have not been read for more than a week.',
    firesWhen: 'an active mall’s consent runs out within 3 days',
  },
  {
    name: 'MallsyncConsentLost',
    group: 'fleet',
    severity: 'critical',
    for: '5m',
    expr: `sum by (namespace) (${fleet('mallsync_malls', { by: ['state'], where: 'state=~"needs_consent|uninstalled"' })}) > 0
and on (namespace)
max_over_time((sum by (namespace) (${fleet('mallsync_night_failed_malls', {
      by: ['reason'],
      where: `reason=~"${LOST_CONSENT}"`,
    })}))[${DAY}]) > 0`,
    summary: `${MALLS_ARE} without consent${PLACE}${nameUnread(
      LOST_CONSENT,
      countReasons(`max by (reason) (mallsync_night_failed_malls{namespace=%[1]q, reason=~"${LOST_CONSENT}"})`),
    )}`,
    description:
      'Nothing of these malls can be read until somebody of the mall consents again. The night tries each once more.',
    firesWhen: 'an active mall’s consent is gone or its app uninstalled, and a night’s run failed for it',
  },
  {
    name: 'MallsyncScheduleMissed',
    group: 'fleet',
    severity: 'critical',
    for: '0m',
    expr: `increase((${MISSED_NIGHTS})[${DAY}]) > 0
unless on (namespace)
max by (namespace) (${select('mallsync_schedule_missed_total')} offset ${MISSED_FOR}) == ${MISSED_NIGHTS}`,
    summary: `The night did not begin when it was due${PLACE}`,
    description:
      'Half an hour after it was due the night had no MallSync. Nothing reads yesterday until somebody starts it.',
    firesWhen: 'a night had not begun 30 minutes after it was due; for 6 hours',
  },
  {
    name: 'MallsyncApiBudgetExhausted',
    group: 'fleet',
    severity: 'warning',
    for: '30m',
    expr: `${fleet('mallsync_budget_blocked_malls')} > 0`,
    summary: `${MALLS_ARE} blocked by Cafe24${PLACE}${nameUnread('RateLimited|QuotaExceeded')}`,
    description: 'Their calls wait until the block ends; something else may be spending the calls of these malls.',
    firesWhen: 'Cafe24 has blocked the calls of some mall for 30 minutes',
  },
  {
    name: 'MallsyncDatabaseUnreachable',
    group: 'fleet',
    severity: 'critical',
    for: '3m',
    expr: `count by (namespace) (last_over_time(${select('mallsync_database_up')}[2m]) == 0)`,
    summary: `{{ if eq $value 1.0 }}1 process does{{ else }}{{ printf "%.0f" $value }} processes do{{ end }} not reach PostgreSQL${PLACE}${[
      '{{ range $i, $process := printf `last_over_time(mallsync_database_up{namespace=%q}[2m]) == 0` $labels.namespace | query | sortByLabel "instance" }}',
      '{{ if $i }}, {{ else }}: {{ end }}{{ or $process.Labels.pod $process.Labels.instance }}{{ end }}',
    ].join('')}`,
    description: 'Runs wait at their checkpoints, no outcome is recorded, and the alerts of the fleet are blind.',
    firesWhen: 'a process has not reached PostgreSQL for 3 minutes',
  },
];
