import type { Database } from '../../adapters/postgres/database.ts';
import type { MallSelection } from '../../adapters/postgres/mall-store.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import type { Mall } from '../../domain/mall.ts';
import { createUsageError } from '../usage-error.ts';
import type { WorkItem } from './work-item.ts';

export type WorkTemplate = Omit<WorkItem, 'mall' | 'domainType'>;

/**
 * One item a mall and domain type; a mall is not asked for a domain type that it is not registered for.
 * @throws SettingsError when nothing is left to read; TerminalError ConfigInvalid for an unknown mall
 */
export async function listWork(
  database: Database,
  selection: MallSelection,
  domainTypes: readonly DomainType[],
  template: WorkTemplate,
): Promise<readonly WorkItem[]> {
  const malls = await createMallStore({ pool: database.pool }).selectMalls(selection);
  const items = buildWork(malls, domainTypes, template);
  if (items.length > 0) return items;
  throw createUsageError(
    malls.length === 0
      ? 'there is no active mall; see `mallsync malls import --help`'
      : `--domain must be one the malls are registered for; none of ${malls.length} has ${domainTypes.join(', ')}`,
  );
}

export function buildWork(
  malls: readonly Mall[],
  domainTypes: readonly DomainType[],
  template: WorkTemplate,
): readonly WorkItem[] {
  return malls.flatMap((mall) =>
    domainTypes
      .filter((domainType) => mall.domainTypes.includes(domainType))
      .map((domainType) => ({ ...template, mall, domainType })),
  );
}

/** The malls of a work list as a progress display wants them. */
export function listPlannedMalls(
  items: readonly WorkItem[],
): readonly { readonly mallId: number; readonly label: string; readonly domainTypes: readonly DomainType[] }[] {
  const malls = new Map<number, { mallId: number; label: string; domainTypes: DomainType[] }>();
  for (const { mall, domainType } of items) {
    const known = malls.get(mall.mallId);
    if (known === undefined) {
      malls.set(mall.mallId, {
        mallId: mall.mallId,
        label: `${mall.mallId} ${mall.cafe24MallId}`,
        domainTypes: [domainType],
      });
    } else if (!known.domainTypes.includes(domainType)) known.domainTypes.push(domainType);
  }
  return [...malls.values()].sort((a, b) => a.mallId - b.mallId);
}
