import { Writable } from 'node:stream';
import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { ROLES } from '../../admin/env.ts';
import { hashPassword } from '../../admin/security/scrypt.ts';
import { parseUsers } from '../../admin/security/users-file.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { CommandIo } from '../command.ts';
import { defineCommand } from '../command.ts';
import { setting } from '../settings/setting.ts';
import { createUsageError } from '../usage-error.ts';

const SHORTEST_PASSWORD = 12;

const SETTINGS = z.object({
  name: setting(
    z.string().refine((name) => {
      try {
        return parseUsers(`${name}:viewer:-`).has(name);
      } catch {
        return false;
      }
    }),
    {
      argument: '<name>',
      description: 'The name to sign in with',
      mustBe: 'letters, digits and . _ @ + -, 100 at most',
    },
  ),
  role: setting(z.enum(ROLES).default('viewer'), {
    flag: '--role <role>',
    description: 'viewer sees; operator also runs again, stops and replays; admin also changes malls',
    mustBe: `one of ${ROLES.join(', ')}`,
  }),
  noPassword: setting(z.boolean().default(false), {
    flag: '--without-password',
    description: 'For somebody whom a trusted proxy signs in: only the role is given',
    mustBe: 'given or not',
  }),
});

export const adminUserCommand = defineCommand({
  name: 'admin-user',
  summary: 'Make one line of the page’s users file',
  settings: SETTINGS,
  examples: [
    ['admin-user ann --role operator >> users', 'asks for the password'],
    ['admin-user ann --role operator < password.txt >> users', 'takes it from standard input'],
    ['admin-user ann@example.com --role admin --without-password', 'for a visitor of a trusted proxy'],
  ],
  async run({ name, role, noPassword }, io) {
    const hash = noPassword ? '-' : await hashPassword(await readPassword(io));
    io.stdout.write(`${name}:${role}:${hash}\n`);
    return EXIT.ok;
  },
});

async function readPassword(io: CommandIo): Promise<string> {
  const password = io.stderr.terminal === null || !process.stdin.isTTY ? await readPiped(io) : await ask(io);
  if (password.length < SHORTEST_PASSWORD || password.length > 1_000) {
    throw createUsageError(`the password must have ${SHORTEST_PASSWORD} to 1000 characters`);
  }
  return password;
}

async function readPiped(io: CommandIo): Promise<string> {
  return (await io.readStdin()).replace(/\r?\n$/, '');
}

/** Shows nothing of what is typed. */
async function ask(io: CommandIo): Promise<string> {
  io.stderr.write('Password: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await reader.question('', { signal: io.signal });
  } finally {
    reader.close();
    io.stderr.write('\n');
  }
}
