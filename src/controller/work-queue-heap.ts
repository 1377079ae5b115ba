/** What a heap holds. It keeps `heapIndex` itself: -1 while the item is in no heap. */
export interface HeapItem {
  heapIndex: number;
}

/** The first of many, with changes in logarithmic time. An item is in one heap at most. */
export interface Heap<Item extends HeapItem> {
  readonly size: number;
  first(): Item | undefined;
  push(item: Item): void;
  remove(item: Item): void;
  /** The item, if it is in, comes earlier or later than it did. */
  moved(item: Item): void;
}

export function createHeap<Item extends HeapItem>(isBefore: (a: Item, b: Item) => boolean): Heap<Item> {
  const items: Item[] = [];
  return {
    get size() {
      return items.length;
    },
    first: () => items[0],
    push(item) {
      place(items, item, items.length);
      rise(items, item, isBefore);
    },
    remove(item) {
      const last = items.pop();
      if (last !== undefined && last !== item) {
        place(items, last, item.heapIndex);
        settle(items, last, isBefore);
      }
      item.heapIndex = -1;
    },
    moved(item) {
      if (item.heapIndex >= 0) settle(items, item, isBefore);
    },
  };
}

type IsBefore<Item> = (a: Item, b: Item) => boolean;

function place<Item extends HeapItem>(items: Item[], item: Item, index: number): void {
  items[index] = item;
  item.heapIndex = index;
}

function settle<Item extends HeapItem>(items: Item[], item: Item, isBefore: IsBefore<Item>): void {
  rise(items, item, isBefore);
  sink(items, item, isBefore);
}

function rise<Item extends HeapItem>(items: Item[], item: Item, isBefore: IsBefore<Item>): void {
  let index = item.heapIndex;
  for (;;) {
    const parentIndex = (index - 1) >> 1;
    const parent = items[parentIndex];
    if (index === 0 || parent === undefined || !isBefore(item, parent)) break;
    place(items, parent, index);
    index = parentIndex;
  }
  place(items, item, index);
}

function sink<Item extends HeapItem>(items: Item[], item: Item, isBefore: IsBefore<Item>): void {
  let index = item.heapIndex;
  for (;;) {
    const left = items[2 * index + 1];
    const right = items[2 * index + 2];
    const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
    if (child === undefined || !isBefore(child, item)) break;
    const childIndex = child.heapIndex;
    place(items, child, index);
    index = childIndex;
  }
  place(items, item, index);
}
