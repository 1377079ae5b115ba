import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { buildConsentUrl, exchangeCode } from '../../adapters/cafe24/consent.ts';
import { parseMallUrl } from '../../adapters/cafe24/mall-url.ts';
import { createTransport } from '../../adapters/cafe24/transport.ts';
import { createCipher } from '../../adapters/postgres/cipher.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import { parseKeyRing } from '../../adapters/postgres/key-ring.ts';
import { createTokenStore } from '../../adapters/postgres/token-store.ts';
import { systemClock } from '../../domain/clock.ts';
import type { Credential } from '../../domain/credential.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { audited } from '../audit.ts';
import type { CommandIo } from '../command.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { setting } from '../settings/setting.ts';
import { CAFE24_SETTINGS, DATABASE_SETTINGS, ENCRYPTION_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { createUsageError } from '../usage-error.ts';
import { useDatabase } from '../use-database.ts';
import { parsePastedCode } from './pasted-code.ts';
import { MALL_ARGUMENT } from './mall-setting.ts';

const SETTINGS = z.object({
  ...DATABASE_SETTINGS,
  ...ENCRYPTION_SETTINGS,
  ...CAFE24_SETTINGS,
  ...JSON_SETTINGS,
  ...MALL_ARGUMENT,
  redirectUri: setting(z.url({ protocol: /^https?$/ }), {
    flag: '--redirect-uri <url>',
    env: 'MALLSYNC_REDIRECT_URI',
    description: 'The redirect address that is registered for the app, to the letter',
    mustBe: 'the http or https address that is registered for the app',
  }),
  code: setting(z.string().min(1).optional(), {
    flag: '--code <code>',
    description: 'The code, or the address that the consent led to; it works once, for one minute',
    mustBe: 'the code from the redirect address',
    isSecret: true,
  }),
  printUrl: setting(z.boolean().default(false), {
    flag: '--print-url',
    description: 'Print the consent address and leave',
    mustBe: 'given or not',
  }),
});

type Settings = z.output<typeof SETTINGS>;

export const authorizeCommand = defineCommand({
  name: 'authorize',
  summary: 'Give this program the mall’s consent: prints the address, takes the code, stores the tokens',
  settings: SETTINGS,
  examples: [
    ['malls authorize 7 --redirect-uri https://example.com/back', 'print the address, then paste where it led to'],
    ['malls authorize 7 --redirect-uri https://example.com/back --code abc', 'with a code at hand'],
  ],
  run: (settings, io) =>
    useDatabase(settings, { name: 'malls authorize' }, async (database) => {
      const store = createTokenStore({
        pool: database.pool,
        cipher: createCipher(parseKeyRing(settings.encryptionKeys)),
      });
      const credential = await store.load(settings.mallId);
      const state = randomUUID();
      const url = toConsentUrl(settings, credential, state);
      if (settings.printUrl) {
        if (settings.json) printJson(io, { mallId: settings.mallId, consentUrl: url });
        else io.stdout.write(`${url}\n`);
        return EXIT.ok;
      }
      const code =
        settings.code === undefined
          ? parsePastedCode(await askForCode(url, io), state)
          : parsePastedCode(settings.code, null);
      const subject = { action: 'malls authorize', target: `mall ${settings.mallId}` };
      const scopes = await audited(database.pool, io, subject, async () => ({
        result: await exchange(settings, database, credential, code),
        detail: {},
      }));
      if (settings.json) printJson(io, { mallId: settings.mallId, scopes });
      else io.stdout.write(`mall ${settings.mallId} is authorized: ${scopes.join(', ')}\n`);
      return EXIT.ok;
    }),
});

function toConsentUrl(settings: Settings, credential: Credential, state: string): string {
  return buildConsentUrl({
    urlTemplate: settings.cafe24Url,
    cafe24MallId: credential.cafe24MallId,
    clientId: credential.clientId,
    redirectUri: settings.redirectUri,
    state,
  });
}

async function askForCode(url: string, io: CommandIo): Promise<string> {
  io.stderr.write(`Open this address as the mall’s chief operator and agree:\n\n  ${url}\n\n`);
  if (io.stderr.terminal === null) return (await io.readStdin()).trim();
  const reader = createInterface({ input: process.stdin, output: io.stderr.terminal });
  try {
    return await reader.question('Then paste the address that it led to, or its code: ', { signal: io.signal });
  } finally {
    reader.close();
  }
}

async function exchange(
  settings: Settings,
  database: Database,
  credential: Credential,
  code: string,
): Promise<readonly string[]> {
  if (code === '') throw createUsageError('--code is missing: it must be the code from the redirect address');
  const transport = createTransport(systemClock);
  try {
    return await exchangeCode({
      transport,
      clock: systemClock,
      meter: { addCall: () => {} },
      mallUrl: parseMallUrl(settings.cafe24Url, credential.cafe24MallId),
      store: createTokenStore({ pool: database.pool, cipher: createCipher(parseKeyRing(settings.encryptionKeys)) }),
      mallId: settings.mallId,
      code,
      redirectUri: settings.redirectUri,
    });
  } finally {
    await transport.close();
  }
}
