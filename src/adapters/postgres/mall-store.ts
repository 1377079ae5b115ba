import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { CREDENTIAL_STATES, type CredentialState } from '../../domain/credential.ts';
import { DOMAIN_TYPES, type DomainType } from '../../domain/domain-type.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { Mall } from '../../domain/mall.ts';
import type { QueryPool } from './pool.ts';

/** Which malls a command means: named ones, active or not, or the active ones that fit. */
export type MallSelection =
  | { readonly kind: 'ids'; readonly mallIds: readonly number[] }
  | {
      readonly kind: 'active';
      readonly domainType?: DomainType | undefined;
      readonly labels?: Readonly<Record<string, string>> | undefined;
    };

/** How a mall's consent stands; no secret is in it. */
export interface CredentialSummary {
  readonly clientId: string;
  readonly state: CredentialState;
  readonly generation: number;
  readonly hasRefreshToken: boolean;
  readonly refreshExpiresAtMs: number | null;
  readonly lastRefreshedAtMs: number | null;
}

export interface MallListing extends Mall {
  readonly credential: CredentialSummary | null;
}

export interface MallStore {
  /** In order of mallId. @throws TerminalError ConfigInvalid that names the ids no mall has. */
  selectMalls(selection: MallSelection): Promise<readonly Mall[]>;
  /** All malls with their credentials' state. */
  listMalls(): Promise<readonly MallListing[]>;
  findMall(mallId: number): Promise<MallListing | null>;
  /** @throws TerminalError ConfigInvalid that names the ids no mall has; nothing is changed then. */
  saveActive(mallIds: readonly number[], isActive: boolean): Promise<void>;
}

export function createMallStore({ pool }: { readonly pool: QueryPool }): MallStore {
  return {
    async selectMalls(selection) {
      if (selection.kind === 'active') return await selectActive(pool, selection.domainType, selection.labels);
      const malls = await selectByIds(pool, selection.mallIds);
      assertAllFound(
        selection.mallIds,
        malls.map((mall) => mall.mallId),
      );
      return malls;
    },
    listMalls: () => listMalls(pool, sql.fragment`true`),
    findMall: async (mallId) => (await listMalls(pool, sql.fragment`mall_id = ${mallId}`))[0] ?? null,
    async saveActive(mallIds, isActive) {
      const row = await saveActive(pool, mallIds, isActive);
      assertAllFound(mallIds, row.found);
    },
  };
}

export const mallRow = z
  .object({
    mall_id: z.number(),
    cafe24_mall_id: z.string(),
    name: z.string(),
    active: z.boolean(),
    shop_nos: z.array(z.number()).nullable(),
    domain_types: z.array(z.enum(DOMAIN_TYPES)),
    labels: z.record(z.string(), z.string()),
    settings: z.record(z.string(), z.unknown()),
  })
  .transform((row): Mall => ({
    mallId: row.mall_id,
    cafe24MallId: row.cafe24_mall_id,
    name: row.name,
    active: row.active,
    shopNos: row.shop_nos,
    domainTypes: row.domain_types,
    labels: row.labels,
    settings: row.settings,
  }));

export const mallColumns = sql.fragment`mall_id, cafe24_mall_id, name, active, shop_nos, domain_types, labels, settings`;

async function selectByIds(pool: QueryPool, mallIds: readonly number[]): Promise<readonly Mall[]> {
  return await pool.any(sql.type(mallRow)`
    select ${mallColumns} from mallsync.tb_mall_config
    where mall_id = any(${sql.array([...mallIds], 'int8')}) order by mall_id`);
}

async function selectActive(
  pool: QueryPool,
  domainType: DomainType | undefined,
  labels: Readonly<Record<string, string>> = {},
): Promise<readonly Mall[]> {
  return await pool.any(sql.type(mallRow)`
    select ${mallColumns} from mallsync.tb_mall_config
    where active and labels @> ${sql.jsonb(labels)}
      and (${domainType ?? null}::text is null or ${domainType ?? null}::text = any(domain_types))
    order by mall_id`);
}

const credentialRow = z.object({
  client_id: z.string().nullable(),
  state: z.enum(CREDENTIAL_STATES).nullable(),
  generation: z.number().nullable(),
  has_refresh_token: z.boolean(),
  refresh_expires_at: z.number().nullable(),
  last_refreshed_at: z.number().nullable(),
});

const listingRow = z.intersection(
  mallRow,
  credentialRow.transform((row) => ({ credential: toSummary(row) })),
);

function toSummary(row: z.infer<typeof credentialRow>): CredentialSummary | null {
  if (row.client_id === null || row.state === null) return null;
  return {
    clientId: row.client_id,
    state: row.state,
    generation: row.generation ?? 0,
    hasRefreshToken: row.has_refresh_token,
    refreshExpiresAtMs: row.refresh_expires_at,
    lastRefreshedAtMs: row.last_refreshed_at,
  };
}

async function listMalls(pool: QueryPool, where: FragmentSqlToken): Promise<readonly MallListing[]> {
  return await pool.any(sql.type(listingRow)`
    select ${mallColumns}, c.client_id, c.state, c.generation, c.refresh_token is not null as has_refresh_token,
      c.refresh_expires_at, c.last_refreshed_at
    from mallsync.tb_mall_config left join mallsync.tb_mall_credential c using (mall_id)
    where ${where} order by mall_id`);
}

/** Changes all of the malls or none. */
async function saveActive(pool: QueryPool, mallIds: readonly number[], isActive: boolean) {
  const ids = sql.array([...new Set(mallIds)], 'int8');
  return await pool.one(sql.type(z.object({ found: z.array(z.number()) }))`
    with found as (select mall_id from mallsync.tb_mall_config where mall_id = any(${ids})),
    changed as (
      update mallsync.tb_mall_config set active = ${isActive}, updated_at = now()
      where mall_id = any(${ids}) and active <> ${isActive}
        and (select count(*) from found) = cardinality(${ids})
    )
    select coalesce(array_agg(mall_id), '{}') as found from found`);
}

function assertAllFound(wanted: readonly number[], found: readonly number[]): void {
  const missing = [...new Set(wanted)].filter((mallId) => !found.includes(mallId));
  if (missing.length === 0) return;
  throw new TerminalError(
    'ConfigInvalid',
    `there is no mall ${missing.join(', ')}; see \`mallsync malls list\`, or import it with \`mallsync malls import\``,
  );
}
