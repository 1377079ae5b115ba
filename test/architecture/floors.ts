/** Who may import what. A file imports from its own floor and from those named here; DESIGN.md section 4 in data. */
export interface Floor {
  /** Folder or file below src. */
  readonly path: string;
  readonly below: readonly string[];
  /** Packages, and `node:` for the modules of the platform. */
  readonly packages: readonly string[];
}

const BASE = ['domain', 'engine'];
const BOTH = [...BASE, 'controller'];
const ADAPTERS = ['adapters/cafe24', 'adapters/postgres', 'adapters/kubernetes', 'adapters/telemetry'];
const BELOW_COMMANDS = [...BOTH, ...ADAPTERS, 'datasets', 'simulator', 'admin'];

export const FLOORS: readonly Floor[] = [
  { path: 'domain', below: [], packages: [] },
  { path: 'engine', below: ['domain'], packages: [] },
  { path: 'controller', below: ['domain'], packages: [] },
  { path: 'simulator', below: ['domain'], packages: ['node:', 'zod'] },
  { path: 'adapters/cafe24', below: BASE, packages: ['node:', 'undici', 'zod'] },
  {
    path: 'adapters/postgres',
    below: BOTH,
    packages: ['node:', 'pg', 'pg-copy-streams', 'slonik', 'xxhash-wasm', 'zod'],
  },
  {
    path: 'adapters/kubernetes',
    below: ['domain', 'controller'],
    packages: ['node:', '@kubernetes/client-node', 'undici', 'yaml', 'zod'],
  },
  { path: 'adapters/telemetry', below: BOTH, packages: ['node:', 'cli-progress', 'pino', 'prom-client'] },
  {
    path: 'datasets',
    below: [...BASE, 'adapters/cafe24', 'adapters/postgres'],
    packages: ['node:', 'xxhash-wasm', 'zod'],
  },
  {
    path: 'admin',
    below: [...BASE, ...ADAPTERS, 'datasets'],
    packages: ['node:', 'hono', '@hono/node-server', '@hono/zod-openapi', 'rate-limiter-flexible', 'yaml', 'zod'],
  },
  { path: 'commands', below: BELOW_COMMANDS, packages: ['node:', 'commander', 'croner', 'pg', 'yaml', 'zod'] },
  { path: 'main.ts', below: ['commands', ...BELOW_COMMANDS], packages: ['node:'] },
];

/** What tests beside the code may use on top. */
const TEST_PACKAGES = ['vitest', 'fast-check', 'node:'];
const TEST_SUPPORT = '../test/support/';

/** A source file: its path below src, and what it imports as written. */
export interface SourceFile {
  readonly path: string;
  readonly imports: readonly string[];
}

const FROM = /^(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"\n]+)\1/gm;
const FOR_EFFECT = /^import\s*(['"])([^'"\n]+)\1/gm;
const DYNAMIC = /\bimport\s*\(\s*(['"])([^'"\n]+)\1/g;

export function listImports(source: string): readonly string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return [FROM, FOR_EFFECT, DYNAMIC].flatMap((form) => [...code.matchAll(form)].map((match) => match[2] ?? ''));
}

export function findFloor(path: string): Floor | undefined {
  return FLOORS.find((floor) => path === floor.path || path.startsWith(`${floor.path}/`));
}

/** One sentence for each import that crosses the table. */
export function listViolations(file: SourceFile): readonly string[] {
  const floor = findFloor(file.path);
  if (floor === undefined) return [`${file.path} stands on no floor`];
  const isTest = file.path.endsWith('.test.ts');
  return file.imports.flatMap((specifier) => {
    const problem = specifier.startsWith('.')
      ? judgeRelative(file.path, floor, specifier, isTest)
      : judgePackage(floor, specifier, isTest);
    return problem === null ? [] : [`${file.path} imports ${specifier}: ${problem}`];
  });
}

function judgeRelative(path: string, floor: Floor, specifier: string, isTest: boolean): string | null {
  if (!specifier.endsWith('.ts')) return 'a relative import ends in .ts';
  const target = new URL(specifier, `file:///root/src/${path}`).pathname.replace('/root/src/', '');
  if (isTest && `..${target.replace('/root', '')}`.startsWith(TEST_SUPPORT)) return null;
  const targetFloor = findFloor(target);
  if (targetFloor === undefined) return 'stands on no floor';
  if (targetFloor === floor || floor.below.includes(targetFloor.path)) return null;
  return `${floor.path} may not use ${targetFloor.path}`;
}

function judgePackage(floor: Floor, specifier: string, isTest: boolean): string | null {
  const allowed = isTest ? [...floor.packages, ...TEST_PACKAGES] : floor.packages;
  const isAllowed = allowed.some((name) =>
    name === 'node:' ? specifier.startsWith('node:') : specifier === name || specifier.startsWith(`${name}/`),
  );
  return isAllowed ? null : `${floor.path} may not use this package`;
}
