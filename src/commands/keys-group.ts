import { z } from 'zod';
import { createCipher } from '../adapters/postgres/cipher.ts';
import { parseKeyRing } from '../adapters/postgres/key-ring.ts';
import { rotateKeys } from '../adapters/postgres/key-rotation.ts';
import { EXIT } from '../domain/exit-code.ts';
import type { CommandGroup } from './command.ts';
import { defineCommand } from './command.ts';
import { printJson } from './print.ts';
import { DATABASE_SETTINGS, ENCRYPTION_SETTINGS, JSON_SETTINGS } from './settings/shared-settings.ts';
import { useDatabase } from './use-database.ts';

const rotateCommand = defineCommand({
  name: 'rotate',
  summary: 'Encrypt all stored credentials with the first key',
  settings: z.object({ ...DATABASE_SETTINGS, ...ENCRYPTION_SETTINGS, ...JSON_SETTINGS }),
  examples: [['keys rotate', 'after a new key was put in front of MALLSYNC_ENCRYPTION_KEYS']],
  async run(settings, io) {
    const cipher = createCipher(parseKeyRing(settings.encryptionKeys));
    const result = await useDatabase(settings, { name: 'keys rotate' }, ({ pool }) =>
      rotateKeys(pool, cipher, io.signal),
    );
    printJson(io, result);
    return EXIT.ok;
  },
});

export const keysGroup: CommandGroup = {
  name: 'keys',
  summary: 'The encryption of stored credentials',
  commands: [rotateCommand],
};
