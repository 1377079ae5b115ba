export type RawRow = Readonly<Record<string, unknown>>;

/** Where objects with the same properties in the same order hold what is asked of them. */
export interface Shape {
  readonly names: readonly string[];
  /** For each wanted property its place among the object's values; -1 where it has none. */
  readonly places: readonly number[];
  /** Places of the properties that nobody knows. */
  readonly unknown: readonly number[];
}

const MOST_SHAPES = 16;

/**
 * Finds the shape of an object. The rows of a page nearly always have one shape, and reading an object's values by place
 * is several times faster than asking it for one property after another.
 */
export function createShapeFinder(
  wanted: readonly string[],
  isKnown: (property: string) => boolean,
): (source: RawRow) => Shape {
  let recent: Shape[] = [];

  function build(names: readonly string[]): Shape {
    const unknown = names.flatMap((name, place) => (isKnown(name) || wanted.includes(name) ? [] : place));
    return { names, places: wanted.map((name) => names.indexOf(name)), unknown };
  }

  return (source) => {
    const names = Object.keys(source);
    for (let i = 0; i < recent.length; i++) {
      const shape = recent[i];
      if (shape !== undefined && areSame(shape.names, names)) return shape;
    }
    const built = build(names);
    recent = [built, ...recent.slice(0, MOST_SHAPES - 1)];
    return built;
  };
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
