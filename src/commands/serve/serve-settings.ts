import { z } from 'zod';
import { BESIDE_PLACE_SETTINGS, PAGE_SETTINGS } from '../admin/page-settings.ts';
import { executionSettings } from '../run/execution-settings.ts';
import { PAGE_SIZE_SETTINGS, PARALLEL_SETTINGS } from '../run/run-settings.ts';
import { NIGHT_SETTINGS } from '../settings/night-settings.ts';
import { RETENTION_SETTINGS } from '../settings/retention-settings.ts';
import { SCHEDULE_SETTINGS } from '../settings/schedule-settings.ts';
import { setting } from '../settings/setting.ts';
import { MALL_METRIC_SETTINGS } from '../settings/shared-settings.ts';
import { wholeNumber } from '../settings/values.ts';

export const serveSettings = z.object({
  ...executionSettings.shape,
  ...PARALLEL_SETTINGS,
  ...PAGE_SIZE_SETTINGS,
  ...RETENTION_SETTINGS,
  ...SCHEDULE_SETTINGS,
  ...NIGHT_SETTINGS,
  host: setting(z.string().min(1).default('127.0.0.1'), {
    flag: '--host <address>',
    env: 'MALLSYNC_SERVE_HOST',
    description: 'The address of /livez, /readyz and /metrics',
    mustBe: 'a host name or address',
  }),
  port: setting(wholeNumber(0, 65_535).default(9464), {
    flag: '--port <number>',
    env: 'MALLSYNC_SERVE_PORT',
    description: 'The port of /livez, /readyz and /metrics; 0 takes a free one',
    mustBe: 'a port number from 0 to 65535',
  }),
  ...MALL_METRIC_SETTINGS,
  ...PAGE_SETTINGS,
  ...BESIDE_PLACE_SETTINGS,
});

export type ServeSettings = z.output<typeof serveSettings>;
