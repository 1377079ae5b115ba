export interface Way {
  readonly name: string;
  /** A shell's words before the command's own: variables, Node, its flags and the program. */
  readonly start: string;
  readonly needsBundle: boolean;
}

const FLAGS = '--max-semi-space-size=4 --heap-growing-percent=25';
const UNCACHED = 'NODE_DISABLE_COMPILE_CACHE=1';
const MAIN = '/app/src/main.ts';
const BUNDLE = '/bundle/a/b/c/main.mjs';

export const WAYS: readonly Way[] = [
  {
    name: 'plain: it starts itself again with its flags',
    start: `env -u MALLSYNC_LEAN ${UNCACHED} node ${MAIN}`,
    needsBundle: false,
  },
  { name: 'flags from the start', start: `env ${UNCACHED} node ${FLAGS} ${MAIN}`, needsBundle: false },
  { name: 'flags and compile cache: the image', start: `node ${FLAGS} ${MAIN}`, needsBundle: false },
  { name: 'flags and bundle', start: `env ${UNCACHED} node ${FLAGS} ${BUNDLE}`, needsBundle: true },
  {
    name: 'flags, bundle and compile cache',
    start: `env NODE_COMPILE_CACHE=/bundle/cache node ${FLAGS} ${BUNDLE}`,
    needsBundle: true,
  },
];
