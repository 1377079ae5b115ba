import type { ObjectStore, StoreChange, StoredObject } from './object-store.ts';
import { parseIdentity, type WatchEvent } from './watch-event.ts';

export interface ReflectorFault {
  /** `project`: one object could not be read and was left as it was; `handler`: an onChange threw. */
  readonly at: 'list' | 'watch' | 'project' | 'handler';
  readonly error: unknown;
}

export interface CacheWriterOptions<Item> {
  readonly store: ObjectStore<Item>;
  /** What is kept of an object. May throw: the object then stays as the store has it. */
  readonly project: (raw: unknown) => Item;
  /** @param isInitial it is of the first list */
  readonly onChange: (change: StoreChange<Item>, isInitial: boolean) => void;
  readonly onFault: (fault: ReflectorFault) => void;
}

/**
 * Brings what lists and watches say into the store, and on to whoever wants to hear of it. Neither an object that cannot
 * be read nor a handler that fails makes it throw.
 */
export interface CacheWriter<Item> {
  readonly hasSynced: boolean;
  readonly unreadable: number;
  /** Null when it cannot be read and is not stored. What is stored in the same version is not read again. */
  toStored(raw: unknown): StoredObject<Item> | null;
  replace(objects: ReadonlyMap<string, StoredObject<Item>>): void;
  take(event: Exclude<WatchEvent, { kind: 'bookmark' }>): void;
}

export function createCacheWriter<Item>(options: CacheWriterOptions<Item>): CacheWriter<Item> {
  const { store, onFault } = options;
  let hasSynced = false;
  let unreadable = 0;

  const publish = (changes: readonly StoreChange<Item>[]): void => {
    for (const change of changes) {
      try {
        options.onChange(change, !hasSynced);
      } catch (error) {
        onFault({ at: 'handler', error });
      }
    }
  };
  const toStored = (raw: unknown): StoredObject<Item> | null => {
    const { name, uid, resourceVersion } = parseIdentity(raw);
    const known = store.find(name);
    if (known?.uid === uid && known.resourceVersion === resourceVersion) return known;
    try {
      return { name, uid, resourceVersion, item: options.project(raw) };
    } catch (error) {
      unreadable += 1;
      onFault({ at: 'project', error });
      return known?.uid === uid ? known : null;
    }
  };

  return {
    get hasSynced() {
      return hasSynced;
    },
    get unreadable() {
      return unreadable;
    },
    toStored,
    replace(objects) {
      publish(store.replace(objects));
      hasSynced = true;
    },
    take({ kind, raw, identity }) {
      if (kind === 'put') {
        const stored = toStored(raw);
        if (stored !== null) publish(store.put(stored));
      } else {
        publish(store.remove(identity.name));
      }
    },
  };
}
