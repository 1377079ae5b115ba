import { rules } from './cel-rules.ts';
import { toStructuralSchema } from './crd-schema.ts';
import { mallSyncSpec } from './mall-sync-schema.ts';
import { mallSyncStatus } from './mall-sync-status-schema.ts';
import { GROUP, VERSION } from './resource-path.ts';

const NAMES = {
  kind: 'MallSync',
  listKind: 'MallSyncList',
  plural: 'mallsyncs',
  singular: 'mallsync',
  shortNames: ['ms'],
  categories: ['mallsync'],
};

/** What `kubectl get ms` shows; a column holds one field, so the period takes two. */
const COLUMNS = [
  { name: 'Domain', type: 'string', jsonPath: '.spec.domainType', description: 'What is read.' },
  { name: 'Start', type: 'string', jsonPath: '.spec.startDate', description: 'Begin of the period, Asia/Seoul.' },
  { name: 'End', type: 'string', jsonPath: '.spec.endDate', description: 'End of the period, Asia/Seoul.' },
  {
    name: 'Succeeded',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Succeeded")].status',
    description: 'Unknown until the end, then whether all malls are complete.',
  },
  { name: 'Malls', type: 'integer', jsonPath: '.status.malls.total', description: 'All malls.' },
  { name: 'Failed', type: 'integer', jsonPath: '.status.malls.failed', description: 'Malls without success.' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since it was created.' },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Succeeded")].reason',
    description: 'The word behind Succeeded.',
    priority: 1,
  },
  {
    name: 'Explanation',
    type: 'string',
    jsonPath: '.status.explanation',
    description: 'How it stands, for people.',
    priority: 1,
  },
];

/** The CustomResourceDefinition of MallSync. */
export function buildCrd(): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${NAMES.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: NAMES,
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          selectableFields: [{ jsonPath: '.spec.domainType' }, { jsonPath: '.spec.startDate' }],
          additionalPrinterColumns: COLUMNS,
          schema: { openAPIV3Schema: buildSchema() },
        },
      ],
    },
  };
}

function buildSchema(): object {
  return {
    description:
      'A MallSync reads one domain type (members, orders or sales) of some or all malls for one period into the ' +
      'database, with one Job for each mall. What a mall has complete is not read again.',
    type: 'object',
    // its name is a label of its Jobs
    ...rules({ rule: 'size(self.metadata.name) <= 63', message: 'a name has 63 characters at most' }),
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: toStructuralSchema(mallSyncSpec),
      status: toStructuralSchema(mallSyncStatus),
    },
  };
}
