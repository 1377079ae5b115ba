export interface BoundedCache<Value> {
  getOrBuild(key: string, build: () => Value, weightOf: (value: Value) => number): Value;
}

/** Forgets the longest unused entries once the weights add up to more than `maxWeight`. */
export function createBoundedCache<Value>(maxWeight: number): BoundedCache<Value> {
  const entries = new Map<string, { readonly value: Value; readonly weight: number }>();
  let total = 0;
  return {
    getOrBuild(key, build, weightOf) {
      const known = entries.get(key);
      if (known !== undefined) {
        entries.delete(key);
        entries.set(key, known);
        return known.value;
      }
      const value = build();
      const weight = weightOf(value);
      entries.set(key, { value, weight });
      total += weight;
      for (const [oldest, entry] of entries) {
        if (total <= maxWeight || oldest === key) break;
        entries.delete(oldest);
        total -= entry.weight;
      }
      return value;
    },
  };
}
