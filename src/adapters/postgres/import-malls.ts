import type { AuditRecord } from './audit-log.ts';
import { createCipher } from './cipher.ts';
import type { Database } from './database.ts';
import { parseKeyRing } from './key-ring.ts';
import type { ImportedMall, MallImporter, PreviewedMall } from './mall-import-store.ts';
import { createMallImporter } from './mall-import-store.ts';
import { parseMallImports } from './mall-import.ts';

export interface ImportOptions {
  readonly encryptionKeys: string;
  /** Replaces working token pairs too. */
  readonly isForced: boolean;
}

/**
 * Adds or updates a list of malls, all or none.
 * @throws MallImportError that names every fault of the list
 */
export async function importMalls(
  database: Database,
  content: unknown,
  options: ImportOptions,
): Promise<readonly ImportedMall[]> {
  return await openImporter(database, options).importMalls(parseMallImports(content), options.isForced);
}

/** What `importMalls` would do now, with nothing changed. @throws MallImportError as it does */
export async function previewMalls(
  database: Database,
  content: unknown,
  options: ImportOptions,
): Promise<readonly PreviewedMall[]> {
  return await openImporter(database, options).previewMalls(parseMallImports(content), options.isForced);
}

function openImporter(database: Database, { encryptionKeys }: ImportOptions): MallImporter {
  return createMallImporter({ pool: database.pool, cipher: createCipher(parseKeyRing(encryptionKeys)) });
}

/** What the audit log keeps of an import. */
export function toImportDetail(imported: readonly ImportedMall[], isForced: boolean): AuditRecord['detail'] {
  const changed = imported.filter(
    ({ mall, credential }) => mall !== 'unchanged' || (credential !== 'absent' && credential !== 'unchanged'),
  );
  return { malls: changed.map(({ mallId }) => mallId).join(','), forced: isForced };
}
