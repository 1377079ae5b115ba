import { afterEach, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import type { Started } from '../../support/program.ts';
import { runProgram, startProgram } from '../../support/program.ts';
import type { TcpProxy } from '../../support/tcp-proxy.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

const WAITS = /the database does not answer yet/g;

const database = await createTestDatabase({ isEmpty: true });
const started: Started[] = [];
const proxies: TcpProxy[] = [];

afterEach(async () => {
  for (const { process, finished } of started.splice(0)) {
    process.kill('SIGKILL');
    await finished;
  }
  for (const proxy of proxies.splice(0)) await proxy.close();
});

/** An address at which nothing answers until it is mended. */
async function openLateAddress() {
  const { hostname, port } = new URL(database.url);
  const proxy = await startTcpProxy(hostname, Number(port));
  await proxy.cut();
  proxies.push(proxy);
  const late = new URL(database.url);
  late.port = String(proxy.port);
  return { proxy, environment: { MALLSYNC_DATABASE_URL: late.href } };
}

function start(args: readonly string[], environment: Record<string, string>): Started {
  const program = startProgram(args, environment);
  started.push(program);
  return program;
}

it('waits for a database that comes up later, says so once, and migrates it', async () => {
  const { proxy, environment } = await openLateAddress();
  const program = start(['migrate', '--wait', '60'], environment);
  await program.waitForError(WAITS);
  await proxy.mend();
  const { exitCode, stdout, stderr } = await program.finished;
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/^applied 000001_/);
  expect(stderr.match(WAITS)).toHaveLength(1);
  expect(await runProgram(['migrate'], { MALLSYNC_DATABASE_URL: database.url })).toMatchObject({
    exitCode: 0,
    stdout: 'nothing to apply\n',
  });
});

it('gives a database up that does not come, after the time of the variable', async () => {
  const { environment } = await openLateAddress();
  const patient = await runProgram(['migrate'], { ...environment, MALLSYNC_DATABASE_WAIT_SECONDS: '1' });
  expect(patient).toMatchObject({ exitCode: 69, stdout: '' });
  expect(patient.stderr.match(WAITS)).toHaveLength(1);
  expect(patient.stderr).toMatch(/DatabaseUnavailable: .*ECONNREFUSED/);
  const impatient = await runProgram(['migrate'], environment);
  expect(impatient).toMatchObject({ exitCode: 69, stdout: '' });
  expect(impatient.stderr).not.toMatch(WAITS);
});

it('stops waiting at SIGTERM', async () => {
  const { environment } = await openLateAddress();
  const program = start(['migrate', '--wait', '86400'], environment);
  await program.waitForError(WAITS);
  program.process.kill('SIGTERM');
  expect(await program.finished).toMatchObject({ exitCode: 143, stdout: '' });
});
