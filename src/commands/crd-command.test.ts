import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { renderCrd } from './crd-command.ts';

it('prints what deploy/crds holds: write it anew with `node src/main.ts crd > deploy/crds/mallsync.io_mallsyncs.yaml`', async () => {
  const file = new URL('../../deploy/crds/mallsync.io_mallsyncs.yaml', import.meta.url);
  expect(renderCrd()).toBe(await readFile(file, 'utf8'));
});
