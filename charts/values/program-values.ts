import { z } from 'zod';
import { PII_MODES } from '../../src/domain/personal-data.ts';
import { emptyOr, objectName, optionalName, secretKey, wholeNumber } from './fields.ts';

/** What every container of the program is told. */
export const PROGRAM_VALUES = {
  image: z
    .strictObject({
      repository: z
        .string()
        .regex(/^[^\s@]{1,400}$/)
        .default('mallsync')
        .describe('Where the image is, without a tag: registry.example/mallsync.'),
      tag: emptyOr(/^[A-Za-z0-9_][-.A-Za-z0-9_]{0,127}$/)
        .default('')
        .describe('Its tag; empty: the version of the program that the chart was made for.'),
      digest: emptyOr(/^sha256:[a-f0-9]{64}$/)
        .default('')
        .describe('Its digest, best for production; wins over the tag.'),
      pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When it is pulled.'),
      pullSecrets: z
        .array(z.strictObject({ name: objectName }))
        .default([])
        .describe('Secrets with credentials of the registry, each as {name: …}.'),
    })
    .describe('The image of the program, for all pods and for the Jobs that the controller makes.'),
  database: z
    .strictObject({
      existingSecret: optionalName.describe('The Secret that holds the address. Required, except for a trial.'),
      urlKey: secretKey.default('database-url').describe('Its key with postgres://user:password@host:5432/database.'),
      directUrlKey: emptyOr(/^[-._A-Za-z0-9]{1,253}$/)
        .default('')
        .describe('Its key with the same database past a pgbouncer in transaction mode; empty: there is none.'),
      schema: z
        .string()
        .regex(/^[a-z_][a-z0-9_]{0,62}$/)
        .default('mallsync')
        .describe('The schema of all tables.'),
    })
    .describe('The PostgreSQL (15 to 18) that holds everything.'),
  encryption: z
    .strictObject({
      existingSecret: optionalName.describe('The Secret that holds the keys. Required, except for a trial.'),
      key: secretKey.default('encryption-keys').describe('Its key with id:base64 of 32 bytes, several by commas.'),
    })
    .describe('The keys of the malls’ stored credentials.'),
  cafe24: z
    .strictObject({
      url: z
        .string()
        .regex(/^https?:\/\/\S*\{mall_id\}\S*$/)
        .default('https://{mall_id}.cafe24api.com')
        .describe('The address of a mall’s API; {mall_id} stands for the mall. A trial takes its simulator instead.'),
      apiVersion: z
        .string()
        .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)
        .default('2026-03-01')
        .describe('The version of the Admin API that is asked for.'),
    })
    .describe('The Cafe24 Admin API.'),
  log: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('How much is logged.'),
      format: z.enum(['auto', 'json', 'text']).default('json').describe('JSON lines or text.'),
    })
    .describe('Logs, on standard error.'),
  pii: z.enum(PII_MODES).default('full').describe('What is stored of personal columns.'),
  leaseSeconds: wholeNumber(2, 3_600).default(30).describe('How long an execution stays with a silent process.'),
};
