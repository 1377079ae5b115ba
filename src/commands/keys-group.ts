import { z } from 'zod';
import { createCipher } from '../adapters/postgres/cipher.ts';
import { parseKeyRing } from '../adapters/postgres/key-ring.ts';
import type { KeyUse } from '../adapters/postgres/key-rotation.ts';
import { loadKeyUse, rotateKeys } from '../adapters/postgres/key-rotation.ts';
import { EXIT } from '../domain/exit-code.ts';
import { audited } from './audit.ts';
import type { CommandGroup } from './command.ts';
import { defineCommand } from './command.ts';
import { printJson } from './print.ts';
import { DATABASE_SETTINGS, ENCRYPTION_SETTINGS, JSON_SETTINGS } from './settings/shared-settings.ts';
import { useDatabase } from './use-database.ts';

const rotateCommand = defineCommand({
  name: 'rotate',
  summary: 'Encrypt all stored credentials with the first key',
  settings: z.object({ ...DATABASE_SETTINGS, ...ENCRYPTION_SETTINGS, ...JSON_SETTINGS }),
  examples: [
    ['keys rotate', 'after a new key was put in front of MALLSYNC_ENCRYPTION_KEYS; says which keys may leave it'],
  ],
  async run(settings, io) {
    const ring = parseKeyRing(settings.encryptionKeys);
    const cipher = createCipher(ring);
    const result = await useDatabase(settings, { name: 'keys rotate' }, ({ pool }) =>
      audited(pool, io, { action: 'keys rotate', target: `key ${ring.firstKeyId}` }, async () => {
        const counts = await rotateKeys(pool, cipher, io.signal);
        const used = await loadKeyUse(pool, cipher);
        return { result: { ...counts, keys: listKeys(ring.keyIds, used) }, detail: { ...counts } };
      }),
    );
    if (settings.json) printJson(io, result);
    else {
      const { rotated, current, keys } = result;
      io.stdout.write(`${rotated} encrypted anew with key ${ring.firstKeyId}, ${current} were so already\n`);
      io.stdout.write(keys.map((key) => describeKey(key, ring.firstKeyId)).join(''));
    }
    return EXIT.ok;
  },
});

function listKeys(keyIds: readonly string[], used: readonly KeyUse[]): readonly KeyUse[] {
  const usedById = new Map(used.map((use) => [use.keyId, use]));
  return keyIds.map((keyId) => usedById.get(keyId) ?? { keyId, credentials: 0, erasedMembers: 0 });
}

function describeKey({ keyId, credentials, erasedMembers }: KeyUse, firstKeyId: string): string {
  const use = `key ${keyId}: ${credentials} credentials, ${erasedMembers} erased members`;
  if (keyId === firstKeyId) return `${use}; encrypts\n`;
  if (credentials > 0) return `${use}; run \`keys rotate\` again\n`;
  return erasedMembers > 0 ? `${use}; must stay, or they could come back\n` : `${use}; may leave the list\n`;
}

export const keysGroup: CommandGroup = {
  name: 'keys',
  summary: 'The encryption of stored credentials',
  commands: [rotateCommand],
};
