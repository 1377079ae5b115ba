/** Items by a key that several may share. */
export interface ObjectIndex<Item> {
  enter(name: string, item: Item): void;
  leave(name: string, item: Item): void;
  list(key: string): readonly Item[];
}

/** @param toKey null where the index does not hold the item; the same for as long as an item of that name is in */
export function createObjectIndex<Item>(toKey: (item: Item) => string | null): ObjectIndex<Item> {
  const groups = new Map<string, Map<string, Item>>();
  return {
    enter(name, item) {
      const key = toKey(item);
      if (key === null) return;
      const group = groups.get(key) ?? new Map<string, Item>();
      group.set(name, item);
      groups.set(key, group);
    },
    leave(name, item) {
      const key = toKey(item);
      if (key === null) return;
      const group = groups.get(key);
      group?.delete(name);
      if (group?.size === 0) groups.delete(key);
    },
    list: (key) => [...(groups.get(key)?.values() ?? [])],
  };
}
