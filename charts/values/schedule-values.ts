import { z } from 'zod';
import { DOMAIN_TYPES } from '../../src/domain/domain-type.ts';
import { isOn, resources, schedule, timeZone, wholeNumber } from './fields.ts';

const lookBack = wholeNumber(0, 31).default(0);

const SCHEDULED = {
  timeZone: timeZone.default('Asia/Seoul').describe('The time zone of the schedule.'),
  suspend: isOn(false).describe('Whether it pauses.'),
  startingDeadlineSeconds: wholeNumber(10, 86_400)
    .default(21_600)
    .describe('How late a Job may still begin, after an outage of the cluster.'),
  successfulJobsHistoryLimit: wholeNumber(0, 100).default(3).describe('Completed Jobs that stay.'),
  failedJobsHistoryLimit: wholeNumber(0, 100).default(3).describe('Failed Jobs that stay.'),
  activeDeadlineSeconds: wholeNumber(30, 86_400).default(3_600).describe('How long a Job may take, retries included.'),
  resources: resources({ cpu: '50m', memory: '160Mi', memoryLimit: '320Mi' }),
};

const CREATOR = {
  domains: z
    .array(z.enum(DOMAIN_TYPES))
    .min(1)
    .default([...DOMAIN_TYPES])
    .describe('What is read.'),
  pageSize: wholeNumber(1, 1_000).default(1_000).describe('Rows a page, which is one API call and one transaction.'),
};

/** The CronJobs. */
export const SCHEDULE_VALUES = {
  nightly: z
    .strictObject({
      enabled: isOn(true).describe('Whether there is such a CronJob.'),
      schedule: schedule.default('0 0 * * *').describe('When it is due. A missed night is told when in Asia/Seoul.'),
      ...SCHEDULED,
      catchUpDays: wholeNumber(0, 31)
        .default(3)
        .describe('Days before yesterday that are read where a mall lacks them.'),
      lookbackDays: z
        .strictObject({ MEMBER: lookBack, ORDER: lookBack, SALES: lookBack })
        .default({ MEMBER: 0, ORDER: 0, SALES: 0 })
        .describe('Days before yesterday that each night reads again, for late changes.'),
      ...CREATOR,
    })
    .describe('The CronJob that creates the night’s MallSyncs.'),
  reread: z
    .strictObject({
      enabled: isOn(false).describe('Whether there is such a CronJob.'),
      schedule: schedule.default('0 3 * * 0').describe('When it is due.'),
      ...SCHEDULED,
      ...CREATOR,
    })
    .describe('The CronJob that reads everything since each mall’s first day again: finds late changes.'),
  prune: z
    .strictObject({
      enabled: isOn(true).describe('Whether there is such a CronJob.'),
      schedule: schedule.default('30 5 * * *').describe('When it is due.'),
      ...SCHEDULED,
      rejectedDays: wholeNumber(1, 36_500).default(180).describe('How long rejected rows are kept.'),
      historyDays: wholeNumber(1, 36_500).default(400).describe('How long executions, requests and audit are kept.'),
    })
    .describe('The CronJob that removes what is past its retention. Data stays.'),
};
