import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

export interface Archive {
  readonly url: string;
  /** SHA-512 in hex. */
  readonly checksum: string;
}

const RELEASES = 'https://github.com/kubernetes-sigs/controller-tools/releases/download';

/** Of envtest 1.35.0, from its release's list. */
const CHECKSUMS: Readonly<Record<string, string>> = {
  'linux-amd64':
    '130369c16f076e724d089189afaede960316f5f5dea6cf57be7a4fc6f09c77342893192509790e4056e116e232dff832ed863f5bd55dcb55d38f3ab834828a11',
};

/** Null where no checksum is pinned for the machine. */
export function findArchive(platform: string, arch: string): Archive | null {
  const machine = `${platform}-${arch === 'x64' ? 'amd64' : arch}`;
  const checksum = CHECKSUMS[machine];
  if (checksum === undefined) return null;
  return { url: `${RELEASES}/envtest-v1.35.0/envtest-v1.35.0-${machine}.tar.gz`, checksum };
}

/**
 * Puts an envtest archive's programs into `dir`, which is there only when all of it is.
 * @throws when it cannot be had, or is not what the checksum says.
 */
export async function downloadPrograms({ url, checksum }: Archive, dir: string, signal: AbortSignal): Promise<void> {
  const draft = `${dir}.${process.pid}`;
  const file = join(draft, 'envtest.tar.gz');
  await mkdir(draft, { recursive: true });
  try {
    const answer = await fetch(url, { signal });
    if (!answer.ok || answer.body === null) throw new Error(`${url} answered ${answer.status}`);
    await pipeline(Readable.fromWeb(answer.body), createWriteStream(file));
    const found = await hashFile(file);
    if (found !== checksum) throw new Error(`${url} has the checksum ${found}, not ${checksum}`);
    await promisify(execFile)('tar', ['-xzf', file, '-C', draft, '--strip-components=2']);
    await rm(file);
    await mkdir(dirname(dir), { recursive: true });
    await rename(draft, dir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
