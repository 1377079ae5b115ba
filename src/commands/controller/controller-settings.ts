import { z } from 'zod';
import { KUBERNETES_SETTINGS } from '../settings/kubernetes-settings.ts';
import { WATCHED_SCHEDULE_SETTINGS } from '../settings/schedule-settings.ts';
import { setting } from '../settings/setting.ts';
import { DATABASE_SETTINGS, MALL_METRIC_SETTINGS, TARGET_SETTINGS } from '../settings/shared-settings.ts';
import { wholeNumber } from '../settings/values.ts';
import { JOB_SETTINGS } from './job-settings.ts';

const LEADER_SETTINGS = {
  leaderLeaseSeconds: setting(wholeNumber(2, 300).default(6), {
    flag: '--leader-lease <seconds>',
    env: 'MALLSYNC_LEADER_LEASE_SECONDS',
    description: 'How long the leader may be silent before another takes over',
    mustBe: 'a whole number of seconds from 2 to 300',
  }),
  leaderRenewSeconds: setting(wholeNumber(1, 299).default(4), {
    flag: '--leader-renew <seconds>',
    env: 'MALLSYNC_LEADER_RENEW_SECONDS',
    description: 'How long the leader tries to renew its Lease before it gives up; below the lease',
    mustBe: 'a whole number of seconds from 1 to 299',
  }),
  leaderRetrySeconds: setting(wholeNumber(1, 60).default(1), {
    flag: '--leader-retry <seconds>',
    env: 'MALLSYNC_LEADER_RETRY_SECONDS',
    description: 'How often the Lease is renewed, or looked at by a standby; below half of the time to renew',
    mustBe: 'a whole number of seconds from 1 to 60',
  }),
};

const LIMIT_SETTINGS = {
  jobLimit: setting(wholeNumber(1, 10_000).default(30), {
    flag: '--job-limit <number>',
    env: 'MALLSYNC_JOB_LIMIT',
    description: 'Jobs at once over all MallSyncs; each takes three database connections',
    mustBe: 'a whole number from 1 to 10000',
  }),
  jobsPerSecond: setting(wholeNumber(0, 1_000).default(10), {
    flag: '--jobs-per-second <number>',
    env: 'MALLSYNC_JOBS_PER_SECOND',
    description: 'How fast Jobs are created, after a first 20 at once; 0: as fast as possible',
    mustBe: 'a whole number from 0 to 1000',
  }),
  workers: setting(wholeNumber(1, 64).default(8), {
    flag: '--workers <number>',
    env: 'MALLSYNC_CONTROLLER_WORKERS',
    description: 'MallSyncs looked at side by side',
    mustBe: 'a whole number from 1 to 64',
  }),
  succeededJobTtlSeconds: setting(wholeNumber(0, 604_800).default(600), {
    flag: '--succeeded-job-ttl <seconds>',
    env: 'MALLSYNC_SUCCEEDED_JOB_TTL_SECONDS',
    description: 'How long the Job of a completed run stays after its outcome was recorded',
    mustBe: 'a whole number of seconds up to a week',
  }),
  failedJobTtlSeconds: setting(wholeNumber(0, 2_592_000).default(86_400), {
    flag: '--failed-job-ttl <seconds>',
    env: 'MALLSYNC_FAILED_JOB_TTL_SECONDS',
    description: 'The same for a run that did not complete',
    mustBe: 'a whole number of seconds up to 30 days',
  }),
  startDeadlineSeconds: setting(wholeNumber(30, 86_400).default(900), {
    flag: '--start-deadline <seconds>',
    env: 'MALLSYNC_START_DEADLINE_SECONDS',
    description: 'A Job whose pod cannot start (image, room on the nodes) for so long is given up',
    mustBe: 'a whole number of seconds from 30 to a day',
  }),
};

const PROBE_SETTINGS = {
  host: setting(z.string().min(1).default('0.0.0.0'), {
    flag: '--host <address>',
    env: 'MALLSYNC_CONTROLLER_HOST',
    description: 'The address of the controller’s /livez, /readyz and /metrics',
    mustBe: 'a host name or address',
  }),
  port: setting(wholeNumber(0, 65_535).default(9464), {
    flag: '--port <number>',
    env: 'MALLSYNC_CONTROLLER_PORT',
    description: 'The port of the controller’s /livez, /readyz and /metrics; 0 takes a free one',
    mustBe: 'a port number from 0 to 65535',
  }),
  ...MALL_METRIC_SETTINGS,
  ...TARGET_SETTINGS,
};

export const controllerSettings = z
  .object({
    ...DATABASE_SETTINGS,
    ...KUBERNETES_SETTINGS,
    ...JOB_SETTINGS,
    ...LEADER_SETTINGS,
    ...LIMIT_SETTINGS,
    ...PROBE_SETTINGS,
    ...WATCHED_SCHEDULE_SETTINGS,
    clusterId: setting(
      z
        .string()
        .regex(/^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/)
        .optional(),
      {
        flag: '--cluster-id <name>',
        env: 'MALLSYNC_CLUSTER_ID',
        description:
          'What the cluster is called in the database, one name for good; then no right on kube-system is needed',
        defaultText: 'the uid of the namespace kube-system',
        mustBe: 'a name of letters, digits, dots, dashes and underscores, 63 at most',
      },
    ),
    drainSeconds: setting(wholeNumber(1, 600).default(20), {
      flag: '--drain <seconds>',
      env: 'MALLSYNC_DRAIN_SECONDS',
      description: 'How long running work may take after SIGTERM; below the pod’s grace period',
      mustBe: 'a whole number of seconds from 1 to 600',
    }),
    release: setting(z.boolean().default(false), {
      flag: '--release',
      description: 'Stop every execution of this installation, take the finalizers off its Jobs, and leave',
      mustBe: 'given or not',
    }),
  })
  .superRefine(({ leaderLeaseSeconds, leaderRenewSeconds, leaderRetrySeconds }, context) => {
    if (leaderRenewSeconds >= leaderLeaseSeconds) {
      const message = `must be below --leader-lease ${leaderLeaseSeconds}, not ${leaderRenewSeconds}`;
      context.addIssue({ code: 'custom', path: ['leaderRenewSeconds'], message });
    }
    if (2 * leaderRetrySeconds >= leaderRenewSeconds) {
      const message = `must be below half of --leader-renew ${leaderRenewSeconds}, not ${leaderRetrySeconds}`;
      context.addIssue({ code: 'custom', path: ['leaderRetrySeconds'], message });
    }
  });

export type ControllerSettings = z.output<typeof controllerSettings>;
