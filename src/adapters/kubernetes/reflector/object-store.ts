import { createObjectIndex, type ObjectIndex } from './object-index.ts';

/** One object of a cache: its identity, its version and what is kept of it. */
export interface StoredObject<Item> {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly item: Item;
}

export type StoreChange<Item> =
  | { readonly change: 'added'; readonly before: null; readonly after: Item }
  | { readonly change: 'updated'; readonly before: Item; readonly after: Item }
  | { readonly change: 'deleted'; readonly before: Item; readonly after: null };

/** What a reflector does to a store. Every write says what it changed. */
export interface ObjectStore<Item> {
  readonly size: number;
  find(name: string): StoredObject<Item> | undefined;
  /** An object of the same name with another uid is a deletion and an addition. */
  put(object: StoredObject<Item>): readonly StoreChange<Item>[];
  remove(name: string): readonly StoreChange<Item>[];
  /** Makes the store hold these objects and no others. */
  replace(objects: ReadonlyMap<string, StoredObject<Item>>): readonly StoreChange<Item>[];
}

/** Objects of one resource in one namespace, by name and by one more key. */
export interface IndexedStore<Item> extends ObjectStore<Item> {
  /** The same list until something changes. */
  list(): readonly Item[];
  listBy(key: string): readonly Item[];
}

/** @param toKey see createObjectIndex */
export function createObjectStore<Item>(toKey: (item: Item) => string | null): IndexedStore<Item> {
  const objects = new Map<string, StoredObject<Item>>();
  const index: ObjectIndex<Item> = createObjectIndex(toKey);
  let listed: readonly Item[] | null = null;

  const enter = (object: StoredObject<Item>): void => {
    objects.set(object.name, object);
    index.enter(object.name, object.item);
    listed = null;
  };
  const leave = ({ name, item }: StoredObject<Item>): void => {
    objects.delete(name);
    index.leave(name, item);
    listed = null;
  };
  const put = (object: StoredObject<Item>): readonly StoreChange<Item>[] => {
    const old = objects.get(object.name);
    if (old?.uid === object.uid && old.resourceVersion === object.resourceVersion) return [];
    if (old !== undefined) leave(old);
    enter(object);
    const after = object.item;
    if (old === undefined) return [{ change: 'added', before: null, after }];
    if (old.uid === object.uid) return [{ change: 'updated', before: old.item, after }];
    return [
      { change: 'deleted', before: old.item, after: null },
      { change: 'added', before: null, after },
    ];
  };
  const remove = (name: string): readonly StoreChange<Item>[] => {
    const old = objects.get(name);
    if (old === undefined) return [];
    leave(old);
    return [{ change: 'deleted', before: old.item, after: null }];
  };

  return {
    get size() {
      return objects.size;
    },
    find: (name) => objects.get(name),
    list: () => (listed ??= [...objects.values()].map(({ item }) => item)),
    listBy: (key) => index.list(key),
    put,
    remove,
    replace(next) {
      const gone = [...objects.keys()].filter((name) => !next.has(name));
      return [...gone.flatMap(remove), ...[...next.values()].flatMap(put)];
    },
  };
}
