import { z } from 'zod';
import { isClusterError } from '../../../controller/cluster-error.ts';
import type { KubeClient } from '../transport/kube-client.ts';

const PAGE_SIZE = 500;

const page = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
});

export interface ListedCollection {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/**
 * Hands the collection over page by page, all as of one moment.
 * @param onPage may be called for a first time again: `isFirst` says that what it was given before is void
 * @returns the resource version to watch from
 * @throws ClusterError, or ZodError when the answer is no list
 */
export async function listPages(
  client: Pick<KubeClient, 'call'>,
  { path, query }: ListedCollection,
  onPage: (items: readonly unknown[], isFirst: boolean) => void,
  signal: AbortSignal,
): Promise<string> {
  const read = async (more: Readonly<Record<string, string>>): Promise<z.output<typeof page>> =>
    page.parse(await client.call({ verb: 'list', path, query: { ...query, ...more } }, signal));
  const limit = { limit: String(PAGE_SIZE) };
  let answer = await read(limit);
  for (let isFirst = true; ; isFirst = false) {
    onPage(answer.items ?? [], isFirst);
    const { continue: rest, resourceVersion } = answer.metadata;
    if (rest === undefined || rest === '') return resourceVersion;
    try {
      answer = await read({ ...limit, continue: rest });
    } catch (error) {
      if (!isClusterError(error, 'gone')) throw error;
      // compacted between two pages: a list in one piece cannot be
      const whole = await read({});
      onPage(whole.items ?? [], true);
      return whole.metadata.resourceVersion;
    }
  }
}
