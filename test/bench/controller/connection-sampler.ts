import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ConnectionSampler {
  /** How many different connections were seen since the start, and how many the last look found. */
  stop(): { readonly opened: number; readonly open: number };
}

const EVERY_MS = 100;
const REMOTE = 2;
const LOCAL = 1;
const INODE = 9;

/** Looks at the process's connections to a local port from outside; those that live shorter than a look may be missed. */
export function sampleConnections(pid: number, port: number): ConnectionSampler {
  const seen = new Set<string>();
  let open = 0;
  const look = (): void => {
    const found = listConnections(pid, port);
    for (const connection of found) seen.add(connection);
    open = found.length;
  };
  look();
  const timer = setInterval(look, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return { opened: seen.size, open };
    },
  };
}

/** Local addresses of the sockets that `pid` has to the port. */
function listConnections(pid: number, port: number): readonly string[] {
  if (!existsSync(`/proc/${pid}/fd`)) return [];
  const inodes = listSockets(pid);
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n').slice(1);
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[REMOTE]?.endsWith(remote) === true && inodes.has(fields[INODE] ?? '') ? [fields[LOCAL] ?? ''] : [];
  });
}

function listSockets(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${descriptor}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

/** Empty for a descriptor that was closed meanwhile. */
function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
