import { sql } from 'slonik';
import type { Mall } from '../../domain/mall.ts';
import type { Cipher } from './cipher.ts';
import { planCredentials, saveCredentials, type PlannedCredential } from './mall-import-credential.ts';
import { MallImportError, type ImportFault } from './mall-import-fault.ts';
import { buildMall, listChanges, type CredentialPlan, type MallField } from './mall-import-plan.ts';
import type { MallImport } from './mall-import.ts';
import { mallColumns, mallRow } from './mall-store.ts';
import type { Queries, QueryPool } from './pool.ts';

export interface ImportedMall {
  readonly mallId: number;
  readonly mall: 'added' | 'updated' | 'unchanged';
  /** `keep`: a working pair stands and the file's other client or token was not taken; `absent`: the mall has none. */
  readonly credential: CredentialPlan['kind'];
}

export interface PreviewedMall extends ImportedMall {
  readonly cafe24MallId: string;
  readonly name: string;
  /** What an update changes of the mall itself. */
  readonly changes: readonly MallField[];
}

export interface MallImporter {
  /**
   * Adds or updates the malls and their credentials, all or none. Importing the same list again changes nothing.
   * @throws MallImportError when a mall number or a Cafe24 mall id already means another mall.
   */
  importMalls(imports: readonly MallImport[], isForced: boolean): Promise<readonly ImportedMall[]>;
  /** What `importMalls` would do now, with nothing changed. @throws MallImportError as it does */
  previewMalls(imports: readonly MallImport[], isForced: boolean): Promise<readonly PreviewedMall[]>;
}

export interface MallImporterOptions {
  readonly pool: QueryPool;
  readonly cipher: Cipher;
}

export function createMallImporter({ pool, cipher }: MallImporterOptions): MallImporter {
  return {
    importMalls: (imports, isForced) =>
      pool.transaction(async (tx) => {
        await awaitOtherImports(tx);
        const malls = await planMalls(tx, imports);
        await saveMalls(
          tx,
          malls.filter(({ verdict }) => verdict !== 'unchanged').map(({ built }) => built),
        );
        const credentials = await planCredentials(tx, cipher, imports, isForced);
        await saveCredentials(tx, cipher, credentials);
        return malls.map((mall, index) => toImportedMall(mall, credentials[index]));
      }),
    previewMalls: (imports, isForced) =>
      pool.transaction(async (tx) => {
        const malls = await planMalls(tx, imports);
        const credentials = await planCredentials(tx, cipher, imports, isForced);
        return malls.map((mall, index) => toPreviewedMall(mall, credentials[index]));
      }),
  };
}

interface MallPlan {
  readonly built: Mall;
  readonly verdict: ImportedMall['mall'];
  readonly changes: readonly MallField[];
}

async function planMalls(tx: Queries, imports: readonly MallImport[]): Promise<readonly MallPlan[]> {
  const stored = await lockMalls(tx, imports);
  assertSameMalls(stored, imports);
  return imports.map((row) => {
    const before = stored.get(row.mallId);
    const built = buildMall(before, row);
    const changes = before === undefined ? [] : listChanges(before, built);
    return { built, changes, verdict: before === undefined ? 'added' : changes.length > 0 ? 'updated' : 'unchanged' };
  });
}

function toImportedMall({ built, verdict }: MallPlan, credential: PlannedCredential | undefined): ImportedMall {
  return { mallId: built.mallId, mall: verdict, credential: credential?.plan.kind ?? 'unchanged' };
}

function toPreviewedMall(mall: MallPlan, credential: PlannedCredential | undefined): PreviewedMall {
  const { cafe24MallId, name } = mall.built;
  return { ...toImportedMall(mall, credential), cafe24MallId, name, changes: mall.changes };
}

/** Rows that are not there yet cannot be locked, and of two that add the same mall one would meet its Cafe24 id taken. */
async function awaitOtherImports(tx: Queries): Promise<void> {
  await tx.query(sql.unsafe`select pg_advisory_xact_lock(hashtextextended('mallsync mall import', 0))`);
}

/** All malls that an entry means by its number or by its Cafe24 id. */
async function lockMalls(tx: Queries, imports: readonly MallImport[]): Promise<ReadonlyMap<number, Mall>> {
  const rows = await tx.any(sql.type(mallRow)`
    select ${mallColumns} from mallsync.tb_mall_config
    where mall_id = any(${sql.array(
      imports.map((row) => row.mallId),
      'int8',
    )})
      or cafe24_mall_id = any(${sql.array(
        imports.map((row) => row.cafe24MallId),
        'text',
      )})
    order by mall_id for update`);
  return new Map(rows.map((mall) => [mall.mallId, mall]));
}

function assertSameMalls(stored: ReadonlyMap<number, Mall>, imports: readonly MallImport[]): void {
  const ownerOf = new Map([...stored.values()].map((mall) => [mall.cafe24MallId, mall.mallId]));
  const faults: ImportFault[] = [];
  for (const [index, { mallId, cafe24MallId }] of imports.entries()) {
    const known = stored.get(mallId);
    const owner = ownerOf.get(cafe24MallId);
    if (known !== undefined && known.cafe24MallId !== cafe24MallId) {
      const message = `mall ${mallId} is ${known.cafe24MallId} and cannot become ${cafe24MallId}: give that mall a number of its own`;
      faults.push({ entry: index + 1, field: 'mallId', kind: 'taken', message });
    } else if (owner !== undefined && owner !== mallId) {
      const message = `${cafe24MallId} is mall ${owner} already and cannot be mall ${mallId} too`;
      faults.push({ entry: index + 1, field: 'cafe24MallId', kind: 'taken', message });
    }
  }
  if (faults.length > 0) throw new MallImportError(faults);
}

const mallRecords = sql.fragment`as x (mall_id bigint, cafe24_mall_id text, name text, active boolean, shop_nos integer[],
  domain_types text[], labels jsonb, settings jsonb)`;

async function saveMalls(tx: Queries, malls: readonly Mall[]): Promise<void> {
  const records = malls.map((mall) => ({
    mall_id: mall.mallId,
    cafe24_mall_id: mall.cafe24MallId,
    name: mall.name,
    active: mall.active,
    shop_nos: mall.shopNos,
    domain_types: mall.domainTypes,
    labels: mall.labels,
    settings: mall.settings,
  }));
  await tx.query(sql.unsafe`
    insert into mallsync.tb_mall_config (${mallColumns})
    select ${mallColumns} from jsonb_to_recordset(${JSON.stringify(records)}::jsonb) ${mallRecords} order by mall_id
    on conflict (mall_id) do update set name = excluded.name, active = excluded.active, shop_nos = excluded.shop_nos,
      domain_types = excluded.domain_types, labels = excluded.labels, settings = excluded.settings,
      updated_at = now()`);
}
