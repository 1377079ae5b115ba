import { z } from '@hono/zod-openapi';
import { CREDENTIAL_STATES } from '../../domain/credential.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { FAILURES } from '../../domain/failure.ts';
import { identifier } from '../runs/query-fields.ts';

/** The shapes that the API of malls takes and gives. */

export const mallParam = z.object({ mallId: identifier });

const credential = z.object({
  clientId: z.string(),
  state: z.enum(CREDENTIAL_STATES),
  refreshExpiresAtMs: z.number().nullable(),
  daysLeft: z.number().nullable(),
  lastRefreshedAtMs: z.number().nullable(),
});

const failureReason = z.enum(Object.keys(FAILURES)).nullable();

export const mallRow = z.object({
  mallId: z.int(),
  cafe24MallId: z.string(),
  name: z.string(),
  active: z.boolean(),
  createdAtMs: z.number(),
  domainTypes: z.array(z.enum(DOMAIN_TYPES)),
  labels: z.record(z.string(), z.string()),
  credential: credential.omit({ clientId: true }).nullable(),
  freshness: z.array(
    z.object({
      domainType: z.enum(DOMAIN_TYPES),
      lastCompleteEndMs: z.number().nullable(),
      ageHours: z.number().nullable(),
      isLate: z.boolean(),
      openRejects: z.int(),
    }),
  ),
  lastFailure: z
    .object({ reason: failureReason, executionId: z.int(), atMs: z.number(), isMended: z.boolean() })
    .nullable(),
});

export const mallList = z
  .object({
    malls: z.array(mallRow),
    next: z.string().nullable().openapi({ description: 'The cursor of the next page.' }),
    totals: z.object({
      malls: z.int(),
      active: z.int(),
      inactive: z.int(),
      late: z.int(),
      needsConsent: z.int(),
      uninstalled: z.int(),
      noCredential: z.int(),
      matching: z.int(),
    }),
    targetHours: z.number().openapi({ description: 'The age in hours above which a mall is late.' }),
  })
  .openapi('MallList');

export const mallDocument = mallRow
  .extend({
    credential: credential.nullable(),
    shopNos: z.array(z.int()).nullable().openapi({ description: 'Null: all shops the API names.' }),
    settings: z.record(z.string(), z.unknown()),
    failedRuns: z.int().openapi({ description: 'Runs that failed and were not taken up since.' }),
    recentRuns: z.array(
      z.object({
        executionId: z.int(),
        domainType: z.enum(DOMAIN_TYPES),
        startDate: z.string(),
        endDate: z.string(),
        status: z.string(),
        failureReason,
        requestedAtMs: z.number(),
      }),
    ),
  })
  .openapi('Mall');

/** Its rules are those of `malls import`, which names each fault; here only its shape is told. */
export const mallEntry = z.record(z.string(), z.unknown()).openapi('MallEntry', {
  type: 'object',
  properties: {
    mallId: { type: 'integer', minimum: 1 },
    cafe24MallId: { type: 'string' },
    name: { type: 'string' },
    active: { type: 'boolean' },
    domainTypes: { type: 'array', items: { type: 'string', enum: [...DOMAIN_TYPES] } },
    shopNos: { type: ['array', 'null'], items: { type: 'integer' } },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    settings: { type: 'object' },
    clientId: { type: 'string' },
    clientSecret: { type: 'string', writeOnly: true },
    refreshToken: { type: ['string', 'null'], writeOnly: true },
  },
  required: ['mallId', 'cafe24MallId'],
});

const imported = {
  mallId: z.int(),
  mall: z.enum(['added', 'updated', 'unchanged']),
  credential: z.enum(['absent', 'unchanged', 'keep', 'insert', 'replace', 'update-secret']),
};

export const importedMalls = z.object({ malls: z.array(z.object(imported)) }).openapi('ImportedMalls');

export const previewedMalls = z
  .object({
    malls: z.array(z.object({ ...imported, cafe24MallId: z.string(), name: z.string(), changes: z.array(z.string()) })),
  })
  .openapi('PreviewedMalls');
