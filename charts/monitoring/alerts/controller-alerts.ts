import type { Alert } from './alert.ts';
import { PLACE } from './mall-names.ts';
import { rise, select } from './selectors.ts';

/** A recorded outcome takes a second or two; at half a minute malls wait for places that are free. */
const LAG_SECONDS = 30;
/** Shorter than `for`: what had piled up while the controller was away has left it by then. */
const LAG_RANGE = '10m:1m';
/** The bound of the readiness probe: bookmarks come once a minute, and a silent watch ends itself well before. */
const SILENT_SECONDS = 300;

const SILENCE = `max by (namespace) (${select('mallsync_cache_silent_seconds')})`;

export const CONTROLLER_ALERTS: readonly Alert[] = [
  {
    name: 'MallsyncOutcomeRecordLag',
    group: 'controller',
    severity: 'warning',
    for: '15m',
    expr: `histogram_quantile(0.9, ${rise('mallsync_outcome_record_lag_seconds_bucket', { by: ['le'], range: LAG_RANGE })}) > ${LAG_SECONDS}`,
    summary: `Outcomes are recorded {{ $value | humanizeDuration }} after the end of their Jobs${PLACE}`,
    description: 'Ended Jobs hold their places meanwhile, so the night becomes longer. Nothing is lost.',
    firesWhen: `one in ten outcomes is recorded later than ${LAG_SECONDS} s after the end of its Job, for 15 minutes`,
  },
  {
    name: 'MallsyncControllerAbsent',
    group: 'controller',
    severity: 'critical',
    for: '5m',
    expr: `absent(${select('mallsync_build_info', 'process="controller"')})`,
    summary: `No controller is there${PLACE}`,
    description:
      'No Job is started and no outcome is recorded; running Jobs go on to their ends. Without it the alerts of the fleet are blind.',
    firesWhen: 'Prometheus has read no controller for 5 minutes',
  },
  {
    name: 'MallsyncNoLeader',
    group: 'controller',
    severity: 'critical',
    for: '3m',
    expr: `max by (namespace) (${select('leader_election_master_status', 'name="mallsync-controller"')}) == 0`,
    summary: `Controllers run, but none leads${PLACE}`,
    description:
      'No Job is started and no outcome is recorded until one of them gets the Lease and an epoch of the database.',
    firesWhen: 'controllers have run for 3 minutes and none leads',
  },
  {
    name: 'MallsyncCacheStale',
    group: 'controller',
    severity: 'warning',
    for: '5m',
    expr: `${SILENCE} > ${SILENT_SECONDS}
or
min by (namespace) (${select('mallsync_cache_synced')}) == 0`,
    summary: `A controller does not hear of the API server${PLACE}${[
      `{{ range $i, $cache := printf \`max by (resource) (mallsync_cache_silent_seconds{namespace=%[1]q} > ${SILENT_SECONDS}) or (min by (resource) (mallsync_cache_synced{namespace=%[1]q}) == 0)\` $labels.namespace | query | sortByLabel "resource" }}`,
      '{{ if $i }}, {{ else }}: {{ end }}{{ $cache.Labels.resource }}{{ end }}',
    ].join('')}`,
    description: 'It decides by what it last saw: new MallSyncs and ended Jobs stay unseen.',
    firesWhen: `a controller has heard nothing of the API server for ${SILENT_SECONDS / 60} minutes, or a first list has failed for 5 minutes`,
  },
];
