import { inject } from 'vitest';
import { loadIntoLab } from './e2e-lab.ts';
import { runTool } from './e2e-tool.ts';

/** A name that no registry and no node has, until `provideImage` gives it to the lab's node. */
export const ABSENT_IMAGE = `registry.example/mallsync:absent-${process.pid}-${Date.now().toString(36)}`;

/** Lets the node have the image under test by another name. False where the nodes are not the lab's: they cannot be given any. */
export async function provideImage(name: string): Promise<boolean> {
  const { lab, image } = inject('e2e');
  if (lab === null) return false;
  await runTool('docker', ['tag', image, name]);
  await loadIntoLab(lab, [name]);
  return true;
}

/** The Docker engine forgets the name; the node's copy goes with its unused images. */
export async function forgetImage(name: string): Promise<void> {
  if (inject('e2e').lab !== null) await runTool('docker', ['rmi', '--no-prune', name]);
}
