import { stringify } from 'yaml';
import { z } from 'zod';
import { buildCrd } from '../adapters/kubernetes/crd-document.ts';
import { EXIT } from '../domain/exit-code.ts';
import { defineCommand } from './command.ts';

const HEAD = '# Printed by `mallsync crd` from the schema in the program: change it there.\n';
const LINE_WIDTH = 120;

/** The CustomResourceDefinition of MallSync as YAML. */
export function renderCrd(): string {
  return HEAD + stringify(buildCrd(), { lineWidth: LINE_WIDTH, aliasDuplicateObjects: false });
}

export const crdCommand = defineCommand({
  name: 'crd',
  summary: 'Print the CustomResourceDefinition of MallSync',
  settings: z.object({}),
  examples: [['crd | kubectl apply -f -', 'teach a cluster what a MallSync is']],
  run(_settings, io) {
    io.stdout.write(renderCrd());
    return Promise.resolve(EXIT.ok);
  },
});
