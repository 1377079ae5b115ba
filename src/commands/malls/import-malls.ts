import type { AuditRecord } from '../../adapters/postgres/audit-log.ts';
import { createAuditLog } from '../../adapters/postgres/audit-log.ts';
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
  readonly audit: Pick<AuditRecord, 'actor' | 'action' | 'source'>;
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
  const imported = await createMallImporter({ pool: database.pool, cipher }).importMalls(imports, options.isForced);
  const changed = imported.filter((each) => each.mall !== 'unchanged' || CHANGED_CREDENTIALS.has(each.credential));
  if (changed.length > 0) {
    const target = `malls ${changed.map(({ mallId }) => mallId).join(',')}`;
    const detail = { malls: changed.length, forced: options.isForced };
    await createAuditLog(database).record({ ...options.audit, target, outcome: 'done', detail });
  }
  return imported;
}

const CHANGED_CREDENTIALS: ReadonlySet<string> = new Set(['insert', 'replace', 'update-secret']);

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
