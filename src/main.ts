#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

const OLDEST_NODE = [24, 12] as const;

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

if (isSupported(process.versions.node)) {
  enableCompileCache();
  if (['sync', 'controller', 'admin'].includes(process.argv[2] ?? ''))
    (await import('./commands/lean-process.ts')).becomeLean();
  const { runProgram } = await import('./commands/program.ts');
  await runProgram(process.argv.slice(2));
} else {
  process.stderr.write(
    `mallsync needs Node ${OLDEST_NODE.join('.')} or newer, this is ${process.versions.node}: use \`npx mallsync\`, which brings its own.\n`,
  );
  process.exitCode = 78;
}
