import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Microseconds by part of the program, and by function for a closer look. */
export interface ClientProfile {
  readonly byPart: ReadonlyMap<string, number>;
  readonly byFunction: ReadonlyMap<string, number>;
}

/** First match wins; what has no file is the engine's own and is counted to what called it, unless it stands here. */
const FUNCTIONS: readonly (readonly [name: RegExp, part: string])[] = [
  [/^\(idle\)$/, 'idle'],
  [/^\(garbage collector\)$/, 'garbage collection'],
  [/^(parse|tryParse)$/, 'JSON parsing'],
  [/^(writev|writeBuffer|writeUtf8String|writeLatin1String|writeAsciiString|readStart|onStreamRead)$/, 'sockets'],
  [/^(utf8Slice|utf8Write|latin1Write|copy)$/, ''],
];

const FILES: readonly (readonly [url: RegExp, part: string])[] = [
  [/cafe24\/(parse-body|split-rows)/, 'JSON parsing'],
  [/copy-(buffer|cell|encoder|instant|json|masked|shape)|copy-page/, 'encoding and validation'],
  [/table-mapper|read-key|member-mapper|mask-row/, 'mapping'],
  [/xxhash|row-hash|^wasm/, 'hashing'],
  [/engine\//, 'engine'],
  [/dataset-writer|column-array|upsert-sql/, 'writer'],
  [/pg-copy-streams|\/pg\/|pg-protocol|pg-pool|obuf/, 'pg driver'],
  [/slonik|zod/, 'slonik and zod'],
  [/adapters\/postgres\//, 'ledger'],
  [/undici|adapters\/cafe24|llhttp/, 'HTTP'],
  [/node:net|stream_base_commons|node:_http/, 'sockets'],
  [/node:internal\/modules|node:vm|amaro|loader|compile/, 'loading the program'],
  [/node:/, 'node'],
];

/** Reads what `node --cpu-prof` left in a folder: one file a thread. */
export async function readClientProfile(folder: string): Promise<ClientProfile> {
  const byPart = new Map<string, number>();
  const byFunction = new Map<string, number>();
  const files = (await readdir(folder)).filter((file) => file.endsWith('.cpuprofile'));
  for (const file of files) {
    const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
    addProfile(profile, byPart, byFunction);
  }
  return { byPart, byFunction };
}

function addProfile(profile: CpuProfile, byPart: Map<string, number>, byFunction: Map<string, number>): void {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parentOf = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const parts = new Map<number, string>();
  const partOf = (id: number | undefined): string => {
    const node = id === undefined ? undefined : nodes.get(id);
    if (node === undefined || id === undefined) return 'other';
    const known = parts.get(id);
    if (known !== undefined) return known;
    const part = findPart(node.callFrame) ?? partOf(parentOf.get(id));
    parts.set(id, part);
    return part;
  };
  for (const [index, id] of profile.samples.entries()) {
    const micros = profile.timeDeltas[index] ?? 0;
    const node = nodes.get(id);
    if (node === undefined) continue;
    const { functionName, url } = node.callFrame;
    add(byPart, partOf(id), micros);
    add(byFunction, `${functionName} ${url.split('/').slice(-2).join('/')}`, micros);
  }
}

function findPart({ functionName, url }: { readonly functionName: string; readonly url: string }): string | undefined {
  if (url === '') {
    const named = FUNCTIONS.find(([name]) => name.test(functionName))?.[1];
    if (named !== undefined) return named === '' ? undefined : named;
    return functionName === '(program)' ? 'node itself' : undefined;
  }
  return FILES.find(([file]) => file.test(url))?.[1] ?? 'other';
}

function add(sums: Map<string, number>, name: string, micros: number): void {
  sums.set(name, (sums.get(name) ?? 0) + micros);
}
