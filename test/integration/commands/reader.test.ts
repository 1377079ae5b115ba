import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startProgram } from '../../support/program.ts';

it('goes on quietly when the reader of its output has left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mallsync-reader-'));
  const file = join(folder, 'malls.json');
  try {
    const simulator = startProgram(['simulator', '--port', '0', '--import-file', file]);
    simulator.process.stdout?.destroy();
    // the file is written just before the output is
    await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 20_000 }).toMatch(/\]\n$/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    simulator.process.kill('SIGTERM');
    expect(await simulator.finished).toMatchObject({ exitCode: 0, stderr: '' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
