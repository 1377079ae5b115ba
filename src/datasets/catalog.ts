import type { Cafe24Client } from '../adapters/cafe24/client.ts';
import { createPageSource } from '../adapters/cafe24/page-source.ts';
import type { DatasetStore } from '../adapters/postgres/dataset-store.ts';
import type { TableRows } from '../adapters/postgres/dataset-writer-rows.ts';
import { createDatasetStore } from '../adapters/postgres/dataset-writer.ts';
import type { DomainType } from '../domain/domain-type.ts';
import type { Mall } from '../domain/mall.ts';
import type { PageSource } from '../engine/page-source.ts';
import type { RowMapper } from '../engine/row-mapper.ts';
import { parseMallSettings } from './mall-settings.ts';
import { memberMapping } from './member/member-mapper.ts';
import { buildMemberResource } from './member/member-resource.ts';
import { orderMapping } from './order/order-mapper.ts';
import { createOrderSource } from './order/order-source.ts';
import { loadRowHash } from './row-hash.ts';
import { salesMapping } from './sales/sales-mapper.ts';
import { createSalesSource } from './sales/sales-source.ts';
import type { MapperOptions, MappingPlan } from './table-mapper.ts';
import { createTableMapper } from './table-mapper.ts';

/** All that a run needs to know of one domain type. */
export interface Dataset {
  readonly domainType: DomainType;
  readonly mapping: MappingPlan;
  createSource(client: Cafe24Client, mall: Mall): PageSource;
}

/** One line a domain type. */
export const CATALOG: Readonly<Record<DomainType, Dataset>> = {
  MEMBER: {
    domainType: 'MEMBER',
    mapping: memberMapping,
    createSource: (client, mall) =>
      createPageSource({ client, mall, resource: buildMemberResource(parseMallSettings(mall)) }),
  },
  ORDER: {
    domainType: 'ORDER',
    mapping: orderMapping,
    createSource: (client, mall) => createOrderSource({ client, mall, settings: parseMallSettings(mall) }),
  },
  SALES: {
    domainType: 'SALES',
    mapping: salesMapping,
    createSource: (client, mall) => createSalesSource(client, mall, parseMallSettings(mall)),
  },
};

export async function createMapper(dataset: Dataset, options: MapperOptions): Promise<RowMapper<TableRows>> {
  return createTableMapper(dataset.mapping, options, await loadRowHash());
}

export async function createStore(dataset: Dataset, schema: string): Promise<DatasetStore<TableRows>> {
  const { hashText } = await loadRowHash();
  const { table, child } = dataset.mapping;
  return createDatasetStore({
    domainType: dataset.domainType,
    schema,
    table,
    child: child === null ? null : child.table,
    hashKey: hashText,
  });
}
