import type { ImportedMall } from '../../adapters/postgres/mall-import-store.ts';

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
