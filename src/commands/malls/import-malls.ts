import type { AuditRecord } from '../../adapters/postgres/audit-log.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import { createCipher } from '../../adapters/postgres/cipher.ts';
import { parseKeyRing } from '../../adapters/postgres/key-ring.ts';
import type { ImportedMall } from '../../adapters/postgres/mall-import-store.ts';
import { createMallImporter } from '../../adapters/postgres/mall-import-store.ts';
import { parseMallImports } from '../../adapters/postgres/mall-import.ts';

export interface ImportOptions {
  readonly encryptionKeys: string;
  /** Replaces working token pairs too. */
  readonly isForced: boolean;
}

/**
 * Adds or updates a list of malls, all or none.
 * @throws TerminalError ConfigInvalid that names every fault of the list
 */
export async function importMalls(
  database: Database,
  content: unknown,
  options: ImportOptions,
): Promise<readonly ImportedMall[]> {
  const imports = parseMallImports(content);
  const cipher = createCipher(parseKeyRing(options.encryptionKeys));
  return await createMallImporter({ pool: database.pool, cipher }).importMalls(imports, options.isForced);
}

const CREDENTIAL_NOTES = {
  absent: 'no credential yet: add client id and secret, then authorize it',
  unchanged: '',
  keep: 'kept its working credential; --force replaces it',
  insert: 'credential stored',
  replace: 'credential replaced',
  'update-secret': 'client secret replaced',
} as const satisfies Record<ImportedMall['credential'], string>;

export function describeImport({ mallId, mall, credential }: ImportedMall): string {
  const note = CREDENTIAL_NOTES[credential];
  return `mall ${mallId} ${mall}${note === '' ? '' : `, ${note}`}\n`;
}

/** What the audit log keeps of an import. */
export function toImportDetail(imported: readonly ImportedMall[], isForced: boolean): AuditRecord['detail'] {
  const changed = imported.filter(
    ({ mall, credential }) => mall !== 'unchanged' || CREDENTIAL_NOTES[credential] !== '',
  );
  return { malls: changed.map(({ mallId }) => mallId).join(','), forced: isForced };
}
