/** A row that is refused alone, and what the refusal said. */
export interface BadItem<Item, Refusal> {
  readonly item: Item;
  readonly refusal: Refusal;
}

/** Takes all of `items` and resolves to undefined, or takes none and resolves to the reason. */
export type TryAll<Item, Refusal> = (items: readonly Item[]) => Promise<Refusal | undefined>;

/**
 * Finds the items that make `tryAll` refuse, after it has refused all of `items` with `refusal`; the others are taken,
 * in order. Needs about 2·k·log2(n) tries for k bad ones among n: where the first half was taken, the second must hold
 * the bad one and is halved without being tried.
 */
export async function bisect<Item, Refusal>(
  items: readonly Item[],
  refusal: Refusal,
  tryAll: TryAll<Item, Refusal>,
): Promise<readonly BadItem<Item, Refusal>[]> {
  const [item] = items;
  if (item === undefined) return [];
  if (items.length === 1) return [{ item, refusal }];
  const middle = Math.ceil(items.length / 2);
  const first = items.slice(0, middle);
  const second = items.slice(middle);
  const firstRefusal = await tryAll(first);
  if (firstRefusal === undefined) return bisect(second, refusal, tryAll);
  const badInFirst = await bisect(first, firstRefusal, tryAll);
  const secondRefusal = await tryAll(second);
  return secondRefusal === undefined ? badInFirst : [...badInFirst, ...(await bisect(second, secondRefusal, tryAll))];
}
