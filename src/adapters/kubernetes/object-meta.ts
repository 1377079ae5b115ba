import { z } from 'zod';

const stringMap = z.record(z.string(), z.string()).nullish();

/** RFC 3339 to epoch milliseconds. */
export const instant = z.string().transform((text, context) => {
  const atMs = Date.parse(text);
  if (!Number.isNaN(atMs)) return atMs;
  context.addIssue({ code: 'custom', message: `is no time: ${text}` });
  return z.NEVER;
});

/** What is read of a condition of a Job or pod. */
export const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  lastTransitionTime: instant.nullish(),
});

/** What is read of any object's metadata; all else, managedFields above all, is dropped. */
export const objectMeta = z.object({
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string().default(''),
  generation: z.int().default(0),
  creationTimestamp: instant,
  deletionTimestamp: z.string().nullish(),
  labels: stringMap,
  finalizers: z.array(z.string()).nullish(),
  ownerReferences: z
    .array(z.object({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().nullish() }))
    .nullish(),
});

export type ObjectMeta = z.output<typeof objectMeta>;

export function findController(meta: ObjectMeta, kind: string): { readonly name: string; readonly uid: string } | null {
  const owner = meta.ownerReferences?.find((each) => each.kind === kind && each.controller === true);
  return owner === undefined ? null : { name: owner.name, uid: owner.uid };
}

/** The value of a label that holds one of our ids; null where it is absent or holds something else. */
export function readIdLabel(meta: ObjectMeta, label: string): number | null {
  const text = meta.labels?.[label] ?? '';
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
