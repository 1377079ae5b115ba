import { z } from 'zod';
import { faultSchema } from './fault-schema.ts';
import { REPEATS, ROW_FLAWS } from './poison.ts';

/** Serials have seven digits, which the shops of a mall share. */
const MOST_ROWS_A_DAY = 1_000_000;

const volumeSchema = z.union([
  z.int().min(0).max(MOST_ROWS_A_DAY),
  z
    .strictObject({ base: z.int().min(0), spread: z.int().min(0) })
    .refine(({ base, spread }) => base + spread <= MOST_ROWS_A_DAY, `a day holds at most ${MOST_ROWS_A_DAY} rows`)
    .describe('base ± spread, by the day'),
]);

const shopSchema = z.strictObject({
  shopNo: z.int().min(1).max(99),
  name: z.string().default('Sample Shop'),
  currency: z.enum(['KRW', 'USD', 'JPY']).default('KRW'),
  timezone: z.string().default('Asia/Seoul'),
  active: z.boolean().default(true),
  share: z.number().nonnegative().optional().describe("weight of the shop in the mall's volume; 1 / place by default"),
});

const poisonSchema = z.strictObject({
  perDay: z.int().min(0),
  kinds: z.array(z.enum([...ROW_FLAWS, ...REPEATS])).min(1),
});

const orderSchema = z.enum(['asc', 'desc']);
const capSchema = z.int().min(1).max(1000);

/** What of a mall may be switched while it runs. */
export const behaviourSchema = z.strictObject({
  statisticsApproved: z.boolean().default(true),
  installed: z.boolean().default(true),
  rateLimit: z.boolean().default(true).describe('off: no bucket, no address rule, no usage quota'),
  addressLimit: z.boolean().default(true).describe('10 calls a second from one address are refused'),
  tokenLimit: z.boolean().default(true).describe('15 token requests in 2 hours'),
  oldTokenDiesOnRefresh: z.boolean().default(false),
  latencyMs: z.number().nonnegative().default(0),
  quotaCalls: z.number().positive().default(100_000),
  quotaProcessingMs: z.number().positive().default(10_000_000),
  quotaWindowSeconds: z.number().positive().default(600),
  limitCap: z
    .strictObject({ members: capSchema.optional(), orders: capSchema.optional(), sales: capSchema.optional() })
    .default({})
    .describe('the server silently returns no more rows than this'),
  order: z
    .strictObject({
      members: orderSchema.default('asc'),
      orders: orderSchema.default('desc'),
      sales: orderSchema.default('desc'),
    })
    .prefault({}),
  nextLinks: z.enum(['bare', 'with-filters', 'none']).default('bare'),
});

export const ALL_SCOPES = ['mall.read_store', 'mall.read_privacy', 'mall.read_order', 'mall.read_salesreport'];

export const simulatedMallSchema = z.strictObject({
  cafe24MallId: z.string().regex(/^[a-z0-9][a-z0-9-]{2,49}$/),
  name: z.string().optional(),
  active: z.boolean().default(true).describe('what the import file says; the simulator serves the mall anyway'),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  refreshToken: z.string().optional().describe('drawn from the seed if absent'),
  shops: z
    .array(shopSchema)
    .min(1)
    .max(9)
    .prefault([{ shopNo: 1 }]),
  membersPerDay: volumeSchema.default(300),
  ordersPerDay: volumeSchema.default(200),
  itemsPerOrder: z.int().min(1).max(10).default(2),
  scopes: z.array(z.string()).default(ALL_SCOPES),
  firstDay: z.string().default('2020-01-01').describe('no row is older'),
  consent: z.enum(['granted', 'lost']).default('granted'),
  poison: z
    .strictObject({ members: poisonSchema.optional(), orders: poisonSchema.optional() })
    .default({})
    .describe('rows spoilt by generation, in each shop'),
  faults: z.array(faultSchema).default([]),
  behaviour: behaviourSchema.prefault({}),
});

/** A mall as it is asked for; what is left out takes the defaults above. */
export type SimulatedMall = z.input<typeof simulatedMallSchema>;
export type MallSettings = z.output<typeof simulatedMallSchema>;
export type ShopSettings = MallSettings['shops'][number];
export type MallBehaviour = z.output<typeof behaviourSchema>;
export type BehaviourChange = Partial<z.input<typeof behaviourSchema>>;
