import { z } from 'zod';
import { PII_MODES } from '../../domain/personal-data.ts';
import { setting } from './setting.ts';
import { wholeNumber } from './values.ts';

/** Settings that several commands share, each defined once; a command spreads the groups it needs into its schema. */

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
const LOG_FORMATS = ['auto', 'json', 'text'] as const;

export const LOG_SETTINGS = {
  logLevel: setting(z.enum(LOG_LEVELS).default('info'), {
    env: 'MALLSYNC_LOG_LEVEL',
    description: 'How much is logged, on standard error',
    mustBe: `one of ${LOG_LEVELS.join(', ')}`,
  }),
  logFormat: setting(z.enum(LOG_FORMATS).default('auto'), {
    env: 'MALLSYNC_LOG_FORMAT',
    description: 'JSON lines or text; auto means text on a terminal',
    mustBe: `one of ${LOG_FORMATS.join(', ')}`,
  }),
};

const POSTGRES_URL = 'a PostgreSQL address like postgres://user:password@host:5432/database';

const postgresUrl = z.string().refine((text) => {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  return protocol === 'postgres:' || protocol === 'postgresql:';
});

export const DIRECT_DATABASE_SETTINGS = {
  databaseDirectUrl: setting(postgresUrl.optional(), {
    env: 'MALLSYNC_DATABASE_DIRECT_URL',
    description:
      'The same database past a pgbouncer, for LISTEN and session locks; by it the other address is known to be a pooler',
    defaultText: 'MALLSYNC_DATABASE_URL',
    mustBe: POSTGRES_URL,
    isSecret: true,
  }),
};

export const DATABASE_SETTINGS = {
  ...LOG_SETTINGS,
  ...DIRECT_DATABASE_SETTINGS,
  databaseUrl: setting(postgresUrl, {
    env: 'MALLSYNC_DATABASE_URL',
    description: 'The PostgreSQL that holds data, checkpoints, history and errors',
    mustBe: POSTGRES_URL,
    isSecret: true,
  }),
  databaseSchema: setting(
    z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/)
      .default('mallsync'),
    {
      env: 'MALLSYNC_DATABASE_SCHEMA',
      description: 'The schema of all tables',
      mustBe: 'a name of lower-case letters, digits and underscores, 63 at most',
    },
  ),
};

export const ENCRYPTION_SETTINGS = {
  encryptionKeys: setting(z.string().regex(/^[\w-]+:[A-Za-z0-9+/]{43}=(\s*,\s*[\w-]+:[A-Za-z0-9+/]{43}=)*$/), {
    env: 'MALLSYNC_ENCRYPTION_KEYS',
    description: 'Keys of the stored credentials, id:base64 of 32 bytes each; the first encrypts, all decrypt',
    mustBe: 'a comma list of id:base64 with 32 bytes each; make one with `echo "k1:$(openssl rand -base64 32)"`',
    isSecret: true,
  }),
};

const CAFE24_URL = 'https://{mall_id}.cafe24api.com';

function isCafe24Url(text: string): boolean {
  const filled = text.replaceAll('{mall_id}', 'mall');
  return text.includes('{mall_id}') && URL.canParse(filled) && /^https?:$/.test(new URL(filled).protocol);
}

export const CAFE24_SETTINGS = {
  cafe24Url: setting(z.string().refine(isCafe24Url).default(CAFE24_URL), {
    env: 'MALLSYNC_CAFE24_URL',
    description: 'Address of a mall’s API; {mall_id} stands for the mall, in the host or the path',
    mustBe: `an http or https address with {mall_id} in it, like ${CAFE24_URL}`,
  }),
  cafe24ApiVersion: setting(
    z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/)
      .default('2026-03-01'),
    {
      env: 'MALLSYNC_CAFE24_API_VERSION',
      description: 'The version of the Admin API that is asked for',
      mustBe: 'a date like 2026-03-01',
    },
  ),
};

export const EXECUTION_SETTINGS = {
  ...DATABASE_SETTINGS,
  ...ENCRYPTION_SETTINGS,
  ...CAFE24_SETTINGS,
  leaseSeconds: setting(wholeNumber(2, 3600).default(30), {
    env: 'MALLSYNC_LEASE_SECONDS',
    description: 'How long an execution stays with a process that says nothing',
    mustBe: 'a whole number of seconds from 2 to 3600',
  }),
  pii: setting(z.enum(PII_MODES).default('full'), {
    env: 'MALLSYNC_PII',
    description: 'What is stored of personal columns: the value, a mask of it, or nothing',
    mustBe: `one of ${PII_MODES.join(', ')}`,
  }),
};

export const JSON_SETTINGS = {
  json: setting(z.boolean().default(false), {
    flag: '--json',
    description: 'Print one JSON document on standard output and nothing else',
    mustBe: 'given or not',
  }),
};

export const MALL_METRIC_SETTINGS = {
  mallMetrics: setting(
    z
      .enum(['true', 'false'])
      .default('true')
      .transform((text) => text === 'true'),
    {
      env: 'MALLSYNC_MALL_METRICS',
      description: 'Whether metrics have series a mall: missing days, period ends and token expiries',
      defaultText: '`true`',
      mustBe: 'true or false',
    },
  ),
};

/** What the page and the metrics judge a fleet by. */
export const TARGET_SETTINGS = {
  freshnessTargetHours: setting(wholeNumber(1, 8_760).default(30), {
    env: 'MALLSYNC_FRESHNESS_TARGET_HOURS',
    description: 'A mall is late when its last complete period ended longer ago than this',
    mustBe: 'a whole number of hours from 1 to 8760',
  }),
  nightDeadline: setting(
    z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
      .default('07:00'),
    {
      env: 'MALLSYNC_NIGHT_DEADLINE',
      description: 'A night that is not complete by then, Asia/Seoul, is late',
      mustBe: 'a time like 07:00',
    },
  ),
};
