import { z } from 'zod';

/** Kinds of values that Kubernetes has a type for. Keys that it does not know are refused where its types are closed. */

const DNS_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** An empty text stands for none. */
export function emptyOr(pattern: RegExp): z.ZodString {
  return z.string().regex(new RegExp(`^(${pattern.source.replace(/^\^/, '').replace(/\$$/, '')})?$`));
}

export const objectName = z.string().regex(DNS_NAME);
export const optionalName = emptyOr(DNS_NAME).default('');
export const secretKey = z.string().regex(/^[-._A-Za-z0-9]{1,253}$/);
export const textMap = z.record(z.string(), z.string());

const MOST = 2_147_483_647;

export function wholeNumber(least: number, most = MOST): z.ZodInt {
  return z.int().min(least).max(most);
}

/** As both Kubernetes and the program read it. */
export const schedule = z
  .string()
  .regex(/^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[0-9A-Za-z*/,-]+( [0-9A-Za-z*/,-]+){4})$/);

export const timeZone = z.string().regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/);

const quantity = z.union([z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|[KMGTPE]i|[MGTPE])?$/), z.number().min(0)]);
const quantities = z.record(z.string(), quantity);

export const size = z.string().regex(/^[0-9]+(\.[0-9]+)?([KMGTPE]i|[kMGTPE])?$/);

interface Resources {
  readonly cpu: string;
  readonly memory: string;
  readonly memoryLimit: string;
}

/** Memory is bounded; processor time is not, since a limit of it only slows a reader down. */
export function resources({ cpu, memory, memoryLimit }: Resources): z.ZodType {
  return z
    .strictObject({ requests: quantities.optional(), limits: quantities.optional() })
    .default({ requests: { cpu, memory }, limits: { memory: memoryLimit } })
    .describe('Requests and limits.');
}

const tolerations = z
  .array(
    z.strictObject({
      key: z.string().optional(),
      operator: z.enum(['Exists', 'Equal', 'Lt', 'Gt']).optional(),
      value: z.string().optional(),
      effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
      tolerationSeconds: z.int().optional(),
    }),
  )
  .default([]);

const anything = z.record(z.string(), z.unknown());

export const PLACEMENT = {
  nodeSelector: textMap.default({}).describe('Labels of the nodes to run on.'),
  tolerations: tolerations.describe('Taints of nodes that are borne.'),
  priorityClassName: optionalName.describe('A PriorityClass.'),
};

export const affinity = z
  .strictObject({
    nodeAffinity: anything.optional(),
    podAffinity: anything.optional(),
    podAntiAffinity: anything.optional(),
  })
  .default({});

export const spreadConstraints = z
  .array(
    z.strictObject({
      maxSkew: z.int().min(1),
      topologyKey: z.string().min(1),
      whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']),
      labelSelector: anything.optional(),
      matchLabelKeys: z.array(z.string()).optional(),
      minDomains: z.int().optional(),
      nodeAffinityPolicy: z.enum(['Honor', 'Ignore']).optional(),
      nodeTaintsPolicy: z.enum(['Honor', 'Ignore']).optional(),
    }),
  )
  .default([]);

export const environment = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
      value: z.string().optional(),
      valueFrom: z
        .strictObject({
          secretKeyRef: anything.optional(),
          configMapKeyRef: anything.optional(),
          fieldRef: anything.optional(),
          resourceFieldRef: anything.optional(),
        })
        .optional(),
    }),
  )
  .default([]);

export const volumes = z.array(z.looseObject({ name: objectName })).default([]);
export const volumeMounts = z.array(z.looseObject({ name: objectName, mountPath: z.string().min(1) })).default([]);

export const networkPeers = z
  .array(
    z.strictObject({
      ipBlock: anything.optional(),
      namespaceSelector: anything.optional(),
      podSelector: anything.optional(),
    }),
  )
  .default([]);

/** A value that is anything: what it must be is another program's to say. */
export const partialPodSpec = anything.default({});

export function isOn(byDefault: boolean): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(byDefault);
}
