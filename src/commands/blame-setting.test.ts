import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { blameSetting } from './blame-setting.ts';
import { runCommandLine } from './program.ts';

const HERE = fileURLToPath(import.meta.url);

async function run(...args: string[]): Promise<{ readonly exitCode: number; readonly complaint: string }> {
  let complaint = '';
  const exitCode = await runCommandLine(args, {
    stdout: { terminal: null, write: () => {} },
    stderr: { terminal: null, write: (text) => (complaint += text) },
    signal: AbortSignal.abort(),
    environment: {},
    readStdin: () => Promise.resolve(''),
  });
  return { exitCode, complaint };
}

describe('a setting that the operating system refuses', () => {
  it('is named when its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await run('simulator', '--port', String(port))).toEqual({
      exitCode: 64,
      complaint: `mallsync: --host and --port must be free to listen on; 127.0.0.1:${port} is not (EADDRINUSE)\n`,
    });
  });

  it('is named when its file cannot be written', async () => {
    expect(await run('simulator', '--port', '0', '--import-file', `${HERE}/x`)).toEqual({
      exitCode: 64,
      complaint: `mallsync: --import-file must be a file that can be written; ${HERE}/x cannot (ENOTDIR)\n`,
    });
  });

  it('is named when its folder cannot be made', async () => {
    expect(await run('demo', '--once', '--folder', HERE)).toEqual({
      exitCode: 64,
      complaint: `mallsync: --folder must be a folder that can be written; ${HERE} cannot (EEXIST)\n`,
    });
  });

  it('leaves every other error as it is', () => {
    const error = new Error('else');
    expect(() => blameSetting('--port')(error)).toThrow(error);
  });
});
