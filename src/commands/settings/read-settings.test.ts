import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readSettings, SettingsError } from './read-settings.ts';
import type { Environment, GivenFlags } from './read-settings.ts';
import { setting } from './setting.ts';
import { DATABASE_SETTINGS, ENCRYPTION_SETTINGS } from './shared-settings.ts';
import { domainTypes, mallIds, wholeNumber } from './values.ts';

const SCHEMA = z.object({
  databaseUrl: DATABASE_SETTINGS.databaseUrl,
  ...ENCRYPTION_SETTINGS,
  pageSize: setting(wholeNumber(1, 1000).default(1000), {
    flag: '--page-size <rows>',
    env: 'MALLSYNC_PAGE_SIZE',
    description: 'Rows a page',
    mustBe: 'a whole number from 1 to 1000',
  }),
  malls: setting(mallIds.optional(), {
    flag: '--malls <ids>',
    isList: true,
    description: 'Malls',
    mustBe: 'mall numbers',
  }),
  domains: setting(domainTypes, {
    flag: '--domain <type>',
    isList: true,
    description: 'What',
    mustBe: 'a domain type',
  }),
});
const GOOD: Environment = {
  MALLSYNC_DATABASE_URL: 'postgres://u:p@localhost/db',
  MALLSYNC_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
};

function readFaults(flags: GivenFlags, environment: Environment): SettingsError {
  try {
    readSettings(SCHEMA, flags, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('nothing was at fault');
}

describe('readSettings', () => {
  it('takes lists by comma and by repetition, without repeats', () => {
    const settings = readSettings(SCHEMA, { malls: ['3,1', '3'], domains: ['order', 'MEMBER'] }, GOOD);
    expect(settings).toMatchObject({ malls: [3, 1], domains: ['MEMBER', 'ORDER'], pageSize: 1000 });
  });

  it('lets a flag win over its variable', () => {
    const environment = { ...GOOD, MALLSYNC_PAGE_SIZE: '10' };
    expect(readSettings(SCHEMA, { domains: ['ALL'] }, environment).pageSize).toBe(10);
    expect(readSettings(SCHEMA, { domains: ['ALL'], pageSize: '20' }, environment).pageSize).toBe(20);
  });

  it('reports every fault at once, each with its name and what it must be', () => {
    const error = readFaults({ pageSize: '0', malls: ['x'] }, {});
    expect(error.exitCode).toBe(64);
    expect(error.faults).toEqual([
      'MALLSYNC_DATABASE_URL is missing: it must be a PostgreSQL address like postgres://user:password@host:5432/database',
      expect.stringMatching(/^MALLSYNC_ENCRYPTION_KEYS is missing: /),
      '--page-size must be a whole number from 1 to 1000, not "0"',
      '--malls must be mall numbers, not "x"',
      '--domain is missing: it must be a domain type',
    ]);
  });

  it('exits 78 when only the environment is at fault, and names the variable', () => {
    const error = readFaults({ domains: ['SALES'] }, { ...GOOD, MALLSYNC_PAGE_SIZE: 'many' });
    expect(error.exitCode).toBe(78);
    expect(error.faults).toEqual(['MALLSYNC_PAGE_SIZE must be a whole number from 1 to 1000, not "many"']);
  });

  it('takes an empty variable for none', () => {
    expect(readSettings(SCHEMA, { domains: ['ALL'] }, { ...GOOD, MALLSYNC_PAGE_SIZE: '' }).pageSize).toBe(1000);
  });

  it('never repeats a secret', () => {
    const environment = { MALLSYNC_DATABASE_URL: 'mysql://u:hunter2@h/d', MALLSYNC_ENCRYPTION_KEYS: 'k1:c2VjcmV0' };
    const error = readFaults({ domains: ['ALL'] }, environment);
    expect(error.faults).toHaveLength(2);
    expect(error.message).not.toMatch(/hunter2|c2VjcmV0/);
  });
});
