import { z } from 'zod';
import { CONTROLLER_VALUES, PODS_VALUES } from './controller-values.ts';
import { emptyOr } from './fields.ts';
import { INSTALLATION_VALUES, PAGE_VALUES, TRIAL_VALUES } from './installation-values.ts';
import { MONITORING_VALUES } from './monitoring-values.ts';
import { PROGRAM_VALUES } from './program-values.ts';
import { SCHEDULE_VALUES } from './schedule-values.ts';

const SHORT_NAME = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;

/** Every value of the chart with its default and its meaning; values.yaml, its schema and the README are made from it. */
export const chartValues = z.strictObject({
  ...PROGRAM_VALUES,
  ...CONTROLLER_VALUES,
  ...SCHEDULE_VALUES,
  ...PAGE_VALUES,
  ...INSTALLATION_VALUES,
  ...MONITORING_VALUES,
  ...PODS_VALUES,
  ...TRIAL_VALUES,
  nameOverride: emptyOr(SHORT_NAME).default('').describe('Stands for mallsync in the label app.kubernetes.io/name.'),
  fullnameOverride: emptyOr(SHORT_NAME).default('').describe('Stands for the release’s name in the objects’ names.'),
  global: z.record(z.string(), z.unknown()).default({}).describe('Of a chart that this one is part of; not read.'),
  enabled: z.boolean().default(true).describe('For the condition of a chart that this one is part of; not read.'),
});
