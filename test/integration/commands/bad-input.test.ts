import { describe, expect, it } from 'vitest';
import { runProgram } from '../../support/program.ts';

const KEYS = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
/** Nothing listens there: a command that gets as far as connecting ends with 69. */
const NOWHERE = { MALLSYNC_DATABASE_URL: 'postgres://u:p@127.0.0.1:9/none', MALLSYNC_ENCRYPTION_KEYS: KEYS };

interface BadInput {
  readonly args: readonly string[];
  readonly environment?: Record<string, string>;
  readonly exitCode: number;
  readonly says: RegExp;
}

const PERIOD = ['--start', '2025-12-01T00:00:00', '--end', '2025-12-02T00:00:00'];

const CASES: readonly BadInput[] = [
  { args: ['nonsense'], exitCode: 64, says: /unknown command 'nonsense'/ },
  { args: [], exitCode: 64, says: /Usage: mallsync/ },
  { args: ['malls'], exitCode: 64, says: /Usage: mallsync malls/ },
  { args: ['migrate', '--faster'], exitCode: 64, says: /unknown option '--faster'/ },
  { args: ['migrate'], environment: {}, exitCode: 78, says: /MALLSYNC_DATABASE_URL is missing/ },
  {
    args: ['migrate'],
    environment: { ...NOWHERE, MALLSYNC_LOG_LEVEL: 'loud', MALLSYNC_DATABASE_SCHEMA: 'x y' },
    exitCode: 78,
    says: /MALLSYNC_LOG_LEVEL must be one of .*\n.*MALLSYNC_DATABASE_SCHEMA must be/,
  },
  { args: ['migrate'], exitCode: 69, says: /DatabaseUnavailable/ },
  { args: ['malls', 'show', 'rose'], exitCode: 64, says: /<mall> must be the number of a mall/ },
  { args: ['malls', 'add'], exitCode: 64, says: /--mall-id is missing[^]*--cafe24-mall-id is missing/ },
  { args: ['malls', 'import'], exitCode: 64, says: /<file> is missing/ },
  { args: ['malls', 'authorize', '1'], exitCode: 64, says: /--redirect-uri is missing/ },
  { args: ['simulator', '--port', '99999'], exitCode: 64, says: /--port must be a port number/ },
  { args: ['run', ...PERIOD, '--domain', 'STOCK'], exitCode: 64, says: /--domain must be/ },
  {
    args: ['run', '--start', 'yesterday', '--end', '2025-12-02T00:00:00'],
    exitCode: 64,
    says: /--start must be a time/,
  },
  { args: ['run', ...PERIOD, '--page-size', '2000'], exitCode: 64, says: /--page-size must be .* not "2000"/ },
  { args: ['run', ...PERIOD, '--reprocess'], exitCode: 64, says: /--reason is missing/ },
  { args: ['run', '--start', '2025-12-03T00:00:00', '--end', '2025-12-02T00:00:00'], exitCode: 64, says: /--end/ },
  { args: ['sync', '--mall-id', '1'], exitCode: 64, says: /--domain-type is missing[^]*--start-date is missing/ },
  { args: ['status', '--limit', '-1'], exitCode: 64, says: /--limit must be/ },
  { args: ['errors', 'ignore'], exitCode: 64, says: /--fingerprint is missing/ },
  { args: ['errors', 'replay'], exitCode: 64, says: /--fingerprint is missing/ },
  { args: ['rerun'], exitCode: 64, says: /--domain|--failed/ },
  { args: ['erase', '--mall', '1'], exitCode: 64, says: /--member is missing/ },
  { args: ['prune', '--rejected-days', '0'], exitCode: 64, says: /--rejected-days must be/ },
  {
    args: ['keys', 'rotate'],
    environment: { ...NOWHERE, MALLSYNC_ENCRYPTION_KEYS: 'k1' },
    exitCode: 78,
    says: /ENCRYPTION_KEYS/,
  },
  {
    args: ['serve'],
    environment: { ...NOWHERE, MALLSYNC_SCHEDULE: 'nightly' },
    exitCode: 78,
    says: /MALLSYNC_SCHEDULE/,
  },
];

describe.concurrent('bad input', () => {
  for (const { args, environment = NOWHERE, exitCode, says } of CASES) {
    const given = Object.keys(environment).length === 2 ? '' : ` with ${JSON.stringify(Object.keys(environment))}`;
    it(`ends \`mallsync ${args.join(' ')}\`${given} with ${exitCode}`, async () => {
      const result = await runProgram(args, environment);
      expect(result.stderr).toMatch(says);
      expect(result).toMatchObject({ exitCode, stdout: '' });
    });
  }
});
