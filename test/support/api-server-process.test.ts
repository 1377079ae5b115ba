import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startServerProcess } from './api-server-process.ts';

const MODULE = new URL('./api-server-process.ts', import.meta.url).href;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mallsync-process-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const command = (program: string, ...args: readonly string[]) => ({ program, args, dir, logFile: join(dir, 'log') });

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

describe('a server of the tests', () => {
  test('ends when it is stopped, and takes its directory with it', async () => {
    const server = await startServerProcess(command('/bin/sleep', '1000'));
    await expect.poll(() => server.findPid()).toBeGreaterThan(1);
    const pid = await server.findPid();
    await server.stop();
    expect({ isAlive: isAlive(pid), hasEnded: server.hasEnded(), isThere: existsSync(dir) }).toEqual({
      isAlive: false,
      hasEnded: true,
      isThere: false,
    });
  });

  test('ends when the process that started it is killed', async () => {
    const script = `
      const { startServerProcess } = await import(${JSON.stringify(MODULE)});
      const server = await startServerProcess(${JSON.stringify(command('/bin/sleep', '1000'))});
      for (;;) {
        const pid = await server.findPid().catch(() => 0);
        if (pid > 0) { console.log(pid); break; }
      }
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: parent.stdout });
    const first = await lines[Symbol.asyncIterator]().next();
    const pid = Number(first.value);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid) || existsSync(dir), { timeout: 10_000 }).toBe(false);
  });

  test('that fails by itself leaves what it said', async () => {
    const server = await startServerProcess(command('/bin/sh', '-c', 'echo no such port; exit 3'));
    await expect.poll(() => server.hasEnded()).toBe(true);
    expect(await server.readTail()).toBe('no such port\n');
  });
});
