import { expect, it } from 'vitest';
import { readSettings } from '../settings/read-settings.ts';
import { addCommand } from './add-command.ts';

const FLAGS = { mallId: '7', cafe24MallId: 'rosemall', clientId: 'c' };
const ENVIRONMENT = {
  MALLSYNC_DATABASE_URL: 'postgres://u:p@127.0.0.1:9/none',
  MALLSYNC_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
};

it('names the variable of the secret that a client id needs', () => {
  expect(() => readSettings(addCommand.settings, FLAGS, ENVIRONMENT)).toThrow(
    /^MALLSYNC_CLIENT_SECRET is missing: --client-id needs it$/,
  );
  const withSecret = { ...ENVIRONMENT, MALLSYNC_CLIENT_SECRET: 's' };
  expect(readSettings(addCommand.settings, FLAGS, withSecret)).toMatchObject({ clientId: 'c', clientSecret: 's' });
});
