import { z } from 'zod';

const FAULT_KINDS = [
  'bucket-429',
  'usage-429',
  'expired-401',
  'invalid-401',
  'scope-403',
  'uninstalled',
  'not-approved-403',
  'not-found-404',
  'invalid-422',
  'error-500',
  'html-502',
  'text-503',
  'delayed-504',
  'reset',
  'cut-body',
  'truncated-json',
  'hang',
  'wrong-shape',
  'count-off',
  'answer-lost',
  'slow',
] as const;

export const ENDPOINTS = [
  'shops',
  'customersprivacy',
  'customersprivacy/count',
  'customersprivacy/{id}',
  'orders',
  'orders/count',
  'orders/{id}',
  'reports/hourlysales',
  'financials/dailysales',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

const OAUTH_ENDPOINTS = ['authorize', 'token', 'revoke'] as const;
export type OauthEndpoint = (typeof OAUTH_ENDPOINTS)[number];

export const faultSchema = z.strictObject({
  endpoint: z
    .enum(['*', ...ENDPOINTS, ...OAUTH_ENDPOINTS])
    .default('*')
    .describe('* means every Admin endpoint, the OAuth ones not'),
  kind: z.enum(FAULT_KINDS),
  times: z
    .int()
    .positive()
    .optional()
    .describe('how many calls it strikes; without it and the two below, until cleared'),
  untilMs: z.number().optional().describe('strikes until this time of the simulator clock, in epoch milliseconds'),
  forMs: z.number().positive().optional().describe('strikes for so long from now on'),
  afterCalls: z.int().nonnegative().default(0).describe('lets so many calls of the endpoint pass first'),
  latencyMs: z.number().nonnegative().default(0).describe('delay before the answer'),
  remainSeconds: z.int().positive().default(32).describe('usage-429: length of the block'),
  delta: z.int().default(1).describe('count-off: added to the count'),
  shopNo: z.int().positive().optional().describe('only calls about this shop'),
});

export type FaultInput = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;
