/** One line of /metrics for each series, as `name{labels}`, with its value. */
export type Series = ReadonlyMap<string, number>;

export async function readSeries(url: string): Promise<Series> {
  return readSeriesOf(await (await fetch(`${url}/metrics`)).text());
}

export function readSeriesOf(text: string): Series {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line): [string, number] => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

export function toFamily(series: string): string {
  return series.split('{', 1)[0] ?? '';
}

/** Over all series of the family, by the value that each has of the label. */
export function sumBy(all: Series, family: string, label: string): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const [series, value] of all) {
    if (toFamily(series) !== family) continue;
    const key = new RegExp(`[{,]${label}="([^"]*)"`).exec(series)?.[1] ?? '';
    sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}

export function sumOf(all: Series, family: string): number {
  return [...all].reduce((sum, [series, value]) => (toFamily(series) === family ? sum + value : sum), 0);
}
