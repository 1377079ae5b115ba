import { z } from 'zod';
import { importMalls, toImportDetail } from '../../adapters/postgres/import-malls.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { audited } from '../audit.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { setting } from '../settings/setting.ts';
import { DATABASE_SETTINGS, ENCRYPTION_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { domainTypes, mallIds, wholeNumber } from '../settings/values.ts';
import { useDatabase } from '../use-database.ts';
import { describeImport } from './import-text.ts';

const labels = z.array(z.string().regex(/^[^=]+=.+$/)).transform((pairs) => Object.fromEntries(pairs.map(splitPair)));

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}

const MALL_SETTINGS = z.object({
  ...DATABASE_SETTINGS,
  ...ENCRYPTION_SETTINGS,
  ...JSON_SETTINGS,
  mallId: setting(wholeNumber(1, Number.MAX_SAFE_INTEGER), {
    flag: '--mall-id <number>',
    description: 'Our own number of the mall',
    mustBe: 'a whole number from 1',
  }),
  cafe24MallId: setting(z.string().regex(/^[a-z0-9][a-z0-9-]{1,49}$/), {
    flag: '--cafe24-mall-id <id>',
    description: 'The mall’s id at Cafe24, the host name part',
    mustBe: '2 to 50 small letters, digits or dashes',
  }),
  name: setting(z.string().min(1).max(500).optional(), {
    flag: '--name <text>',
    description: 'A name for people',
    defaultText: 'the Cafe24 id',
    mustBe: 'a text of 1 to 500 letters',
  }),
  domains: setting(domainTypes.optional(), {
    flag: '--domain <type>',
    isList: true,
    description: 'What is read of the mall: MEMBER, ORDER, SALES, ALL',
    defaultText: 'ALL',
    mustBe: 'MEMBER, ORDER, SALES or ALL, several divided by commas',
  }),
  shops: setting(mallIds.optional(), {
    flag: '--shop-no <number>',
    isList: true,
    description: 'Only these shops',
    defaultText: 'all shops the API names',
    mustBe: 'numbers of shops divided by commas',
  }),
  labels: setting(labels.optional(), {
    flag: '--label <name=value>',
    isList: true,
    description: 'A label to select the mall by',
    mustBe: 'name=value, several divided by commas',
  }),
  clientId: setting(z.string().min(1).optional(), {
    flag: '--client-id <id>',
    description: 'The app’s client id',
    mustBe: 'the client id from the developer centre',
  }),
  clientSecret: setting(z.string().min(1).optional(), {
    env: 'MALLSYNC_CLIENT_SECRET',
    description: 'The app’s client secret for `malls add`; not a flag, since other users of a machine can see flags',
    mustBe: 'the client secret from the developer centre',
    isSecret: true,
  }),
  refreshToken: setting(z.string().min(1).optional(), {
    env: 'MALLSYNC_REFRESH_TOKEN',
    description: 'A refresh token for `malls add`, where the mall has consented already',
    mustBe: 'a refresh token',
    isSecret: true,
  }),
});

const SETTINGS = MALL_SETTINGS.superRefine(({ clientId, clientSecret }, context) => {
  // a secret alone is left over from another mall, and is not taken
  if (clientId === undefined || clientSecret !== undefined) return;
  context.addIssue({ code: 'custom', path: ['clientSecret'], message: 'is missing: --client-id needs it' });
});

export const addCommand = defineCommand({
  name: 'add',
  summary: 'Add or update one mall',
  settings: SETTINGS,
  examples: [
    ['malls add --mall-id 7 --cafe24-mall-id rosemall', 'register a mall; its credential comes later'],
    [
      'malls add --mall-id 7 --cafe24-mall-id rosemall --client-id abc',
      'with the app’s client, its secret in MALLSYNC_CLIENT_SECRET; then `malls authorize 7`',
    ],
  ],
  async run(settings, io) {
    const entry = {
      mallId: settings.mallId,
      cafe24MallId: settings.cafe24MallId,
      name: settings.name,
      domainTypes: settings.domains,
      shopNos: settings.shops,
      labels: settings.labels,
      ...(settings.clientId === undefined ? {} : toClient(settings)),
    };
    const imported = await useDatabase(settings, { name: 'malls add' }, (database) =>
      audited(database.pool, io, { action: 'malls add', target: 'malls' }, async () => {
        const result = await importMalls(database, [entry], {
          encryptionKeys: settings.encryptionKeys,
          isForced: false,
        });
        return { result, detail: toImportDetail(result, false) };
      }),
    );
    if (settings.json) printJson(io, { malls: imported });
    else io.stdout.write(imported.map(describeImport).join(''));
    return EXIT.ok;
  },
});

function toClient({ clientId, clientSecret, refreshToken }: z.output<typeof SETTINGS>): object {
  return { clientId, clientSecret, refreshToken };
}
