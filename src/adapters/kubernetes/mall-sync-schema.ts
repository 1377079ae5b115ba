import { z } from 'zod';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { excludes, isCalendarTime, onlyRises, onlyTurnsOn, rules, staysAsItIs } from './cel-rules.ts';

const YEAR_SECONDS = 31_536_000;
const WEEK_SECONDS = 604_800;
const MOST_ATTEMPTS = 1_000_000;
const LOCAL_TIME = /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

const TRIGGERS = ['NIGHTLY', 'MANUAL', 'RERUN', 'BACKFILL'] as const;

function localTime(description: string): z.ZodString {
  return z
    .string()
    .length(19)
    .regex(LOCAL_TIME)
    .meta({ description, ...rules(isCalendarTime()) });
}

/** Fixed for good at creation: what is read, how, and for whom. */
const IDENTITY = {
  domainType: z.enum(DOMAIN_TYPES).meta({
    description: 'What to read: MEMBER, ORDER or SALES. Cannot be changed.',
  }),
  startDate: localTime(
    'Begin of the period, a local time of Asia/Seoul without offset, like 2025-12-01T00:00:00. Cannot be changed.',
  ),
  endDate: localTime(
    'End of the period, a local time of Asia/Seoul without offset, like 2025-12-17T23:59:59. That second is still read; ' +
      'an end at midnight (T00:00:00) ends the day before. A period that is not over yet is refused. Cannot be changed.',
  ),
  mallIds: z
    .array(
      z.int().min(1).meta({ format: 'int64', description: 'The number of a mall, as `mallsync malls list` shows it.' }),
    )
    .min(1)
    .max(1_000)
    .optional()
    .meta({
      description:
        'The malls to read, by number, active or not. When absent, all active malls that take the domain type at the ' +
        'time of admission, narrowed by mallSelector. Cannot be changed.',
      'x-kubernetes-list-type': 'set',
    }),
  mallSelector: z
    .record(z.string(), z.string().max(63))
    .optional()
    .meta({
      description:
        'Labels that a mall must have, all of them, with these values. Not together with mallIds. Cannot be changed.',
      minProperties: 1,
      maxProperties: 16,
      ...rules({
        rule: 'self.all(label, size(label) >= 1 && size(label) <= 63)',
        message: 'a label has 1 to 63 characters',
      }),
    }),
  pageSize: z.int().min(1).max(1_000).default(1_000).meta({
    description: 'Rows a page, which is one API call, one transaction and one checkpoint. Cannot be changed.',
  }),
  reprocess: z.boolean().default(false).meta({
    description:
      'Whether what is complete is read again from its begin, as a new attempt. Needs a reason. Cannot be changed.',
  }),
  reason: z.string().max(500).default('').meta({
    description: 'Why it is read, for people; it is kept in the history. Cannot be changed.',
  }),
  trigger: z.enum(TRIGGERS).default('MANUAL').meta({
    description:
      'What asked for it: NIGHTLY, MANUAL, RERUN or BACKFILL. It sets the default of priority. Cannot be changed.',
  }),
  requestedBy: z.string().max(200).default('').meta({
    description: 'Who asked for it; it is kept in the history. Cannot be changed.',
  }),
  replay: z
    .object({
      fingerprints: z
        .array(z.string().min(1).max(500).meta({ description: 'A fingerprint, as `mallsync errors groups` shows it.' }))
        .max(100)
        .default([])
        .meta({
          description: 'The groups of rejected rows to read again; none means all of them.',
          'x-kubernetes-list-type': 'set',
        }),
    })
    .optional()
    .meta({
      description: 'Read only the rows again that were rejected. Not together with reprocess. Cannot be changed.',
    }),
};

/** May change while it runs. */
const WISHES = {
  attemptCount: z
    .int()
    .min(1)
    .max(MOST_ATTEMPTS)
    .optional()
    .meta({
      description:
        'Raise it to run again what is not complete: each mall that is not complete gets this attempt, or the next one ' +
        'that is free. When absent, each mall gets its next attempt once. It may only rise.',
    }),
  parallelism: z.int().min(1).max(1_000).default(20).meta({
    description: 'How many Jobs of this MallSync run at once. The limit of the installation holds besides.',
  }),
  priority: z
    .int()
    .min(-1_000)
    .max(1_000)
    .optional()
    .meta({
      description:
        'Which MallSync gets free places first, the higher the earlier. When absent: 100 for RERUN, 50 for MANUAL, ' +
        '0 for NIGHTLY, -100 for BACKFILL.',
    }),
  suspend: z.boolean().default(false).meta({
    description: 'While true no further Job is started. Jobs that run go on to their end.',
  }),
  cancel: z
    .boolean()
    .default(false)
    .meta({
      description: 'True ends it: its Jobs are stopped at the next page and nothing more is started. Cannot be undone.',
      ...rules(onlyTurnsOn('cancel')),
    }),
  activeDeadlineSeconds: z.int().min(60).max(WEEK_SECONDS).default(21_600).meta({
    description: 'How long the Job of one mall may take, retries included, in seconds. Holds for Jobs not started yet.',
  }),
  ttlSecondsAfterFinished: z
    .int()
    .min(0)
    .max(YEAR_SECONDS)
    .default(WEEK_SECONDS)
    .meta({
      description:
        'How long this object stays after its end, in seconds. The history in the database stays as long as its retention ' +
        'says.',
    }),
};

const PERIOD_ORDER = {
  rule: `self.endDate > self.startDate || (self.endDate == self.startDate && !self.endDate.endsWith('T00:00:00'))`,
  message: 'endDate must be later than startDate; an end at midnight ends the day before',
  fieldPath: '.endDate',
};

const REASON_NEEDED = {
  rule: '!self.reprocess || self.reason.trim() != ""',
  message: 'reprocess needs a reason',
  fieldPath: '.reason',
  reason: 'FieldValueRequired' as const,
};

const REPLAY_ALONE = {
  rule: '!(has(self.replay) && self.reprocess)',
  message: 'replay and reprocess may not be given together',
  fieldPath: '.replay',
};

export const mallSyncSpec = z.object({ ...IDENTITY, ...WISHES }).meta({
  description: 'What to read: a domain type, a period and the malls. The rest has defaults.',
  ...rules(
    ...Object.keys(IDENTITY).map(staysAsItIs),
    onlyRises('attemptCount'),
    PERIOD_ORDER,
    REASON_NEEDED,
    REPLAY_ALONE,
    excludes('mallIds', 'mallSelector'),
  ),
});
