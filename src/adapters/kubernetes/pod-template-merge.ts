type JsonObject = Readonly<Record<string, unknown>>;

interface ListRule {
  /** The field that tells the items apart. */
  readonly key: string;
  /** Whether an item is laid over the one of the same key, or stands in its place. */
  readonly item: 'merge' | 'replace';
}

/** Lists of a PodSpec that are merged; all others are replaced as a whole. */
const LISTS: Readonly<Record<string, ListRule>> = {
  containers: { key: 'name', item: 'merge' },
  initContainers: { key: 'name', item: 'merge' },
  // value and valueFrom, or two kinds of volume, exclude each other
  env: { key: 'name', item: 'replace' },
  volumes: { key: 'name', item: 'replace' },
  volumeMounts: { key: 'mountPath', item: 'replace' },
};

/** Lays one partial PodSpec over another: objects field by field, null takes a field away. */
export function mergePodSpecs(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...base };
  for (const [field, value] of Object.entries(over)) {
    if (value === null) delete merged[field];
    else merged[field] = mergeValues(field, merged[field], value);
  }
  return merged;
}

function mergeValues(field: string, base: unknown, over: unknown): unknown {
  const rule = LISTS[field];
  if (rule !== undefined && isObjectList(base) && isObjectList(over)) return mergeLists(rule, base, over);
  return isJsonObject(over) ? mergePodSpecs(isJsonObject(base) ? base : {}, over) : over;
}

function mergeLists({ key, item }: ListRule, base: readonly JsonObject[], over: readonly JsonObject[]): JsonObject[] {
  const merged = [...base];
  for (const each of over) {
    const at = merged.findIndex((other) => other[key] === each[key]);
    const known = merged[at];
    if (known === undefined) merged.push(each);
    else merged[at] = item === 'merge' ? mergePodSpecs(known, each) : each;
  }
  return merged;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isObjectList(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every(isJsonObject);
}
