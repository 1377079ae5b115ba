import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { downloadPrograms, findArchive } from './api-server-download.ts';

let place: string;
let server: Server;
let bytes: Buffer;
let status = 200;

beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), 'mallsync-download-'));
  mkdirSync(join(place, 'from/controller-tools/envtest'), { recursive: true });
  writeFileSync(join(place, 'from/controller-tools/envtest/etcd'), '#!/bin/sh\necho etcd', { mode: 0o755 });
  const file = join(place, 'archive.tar.gz');
  execFileSync('tar', ['-czf', file, '-C', join(place, 'from'), 'controller-tools']);
  bytes = readFileSync(file);
  status = 200;
  server = createServer((_request, answer) => answer.writeHead(status).end(bytes)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.close();
  rmSync(place, { recursive: true });
});

const download = (checksum: string): Promise<void> =>
  downloadPrograms(
    { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/envtest.tar.gz`, checksum },
    join(place, 'cache', '1.35'),
    AbortSignal.timeout(10_000),
  );
const hash = (): string => createHash('sha512').update(bytes).digest('hex');

describe('the download of the API server', () => {
  test('puts the programs into the cache folder', async () => {
    await download(hash());
    expect(execFileSync(join(place, 'cache/1.35/etcd'), { encoding: 'utf8' })).toBe('etcd\n');
    expect(readdirSync(join(place, 'cache'))).toEqual(['1.35']);
  });

  test('keeps nothing of an archive with another checksum', async () => {
    const checksum = hash();
    bytes = Buffer.concat([bytes, Buffer.from('x')]);
    await expect(download(checksum)).rejects.toThrow('checksum');
    expect(readdirSync(join(place, 'cache'))).toEqual([]);
  });

  test('says what the server answered', async () => {
    status = 404;
    await expect(download(hash())).rejects.toThrow('answered 404');
    expect(existsSync(join(place, 'cache/1.35'))).toBe(false);
  });

  test('has a checksum for the machines of CI, and refuses to go without one', () => {
    expect(findArchive('linux', 'x64')?.checksum).toMatch(/^[0-9a-f]{128}$/);
    expect(findArchive('sunos', 'x64')).toBeNull();
  });
});
