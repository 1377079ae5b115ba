import { z } from 'zod';
import { ClusterError, isClusterError } from '../../controller/cluster-error.ts';
import type { ObservedJob } from '../../controller/observed-job.ts';
import { deleteJob, parseObject, type JobDoor } from './cluster-client-jobs.ts';
import { parseJob } from './job-parser.ts';
import { MANAGED_SELECTOR } from './object-labels.ts';
import { toResourcePath } from './resource-path.ts';

export interface ReleaseReport {
  readonly deleted: number;
  /** Those that are still there, each with the last word on it. */
  readonly left: readonly { readonly name: string; readonly message: string }[];
}

const PAGE_SIZE = 200;
const AT_ONCE = 8;
/** Jobs that a controller makes meanwhile are met in the next pass; it is over after the last one in any case. */
const PASSES = 3;

/** Deletes every Job of the controllers in a namespace and takes our finalizer off, so that nothing of ours holds it up. */
export async function releaseJobs(door: JobDoor, signal: AbortSignal): Promise<ReleaseReport> {
  const left = new Map<string, string>();
  const deleted = new Set<string>();
  for (let pass = 1; pass <= PASSES; pass++) {
    left.clear();
    let found = 0;
    try {
      for await (const page of listPages(door, signal)) {
        found += page.length;
        await forEachAtOnce(page, async (job) => {
          const refusal = await tryDelete(door, job, signal);
          if (refusal === null) deleted.add(job.uid);
          else left.set(job.name, refusal);
        });
      }
    } catch (thrown) {
      // the list was too old to go on: the rest is met in the next pass
      if (!isClusterError(thrown, 'gone') || pass === PASSES) throw thrown;
      continue;
    }
    if (found === 0) break;
  }
  return { deleted: deleted.size, left: [...left].map(([name, message]) => ({ name, message })) };
}

/** Null when nothing of ours holds it any more, else why not. */
async function tryDelete(door: JobDoor, job: ObservedJob, signal: AbortSignal): Promise<string | null> {
  try {
    await deleteJob(door, job, signal);
    return null;
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof ClusterError) return thrown.message;
    throw thrown;
  }
}

async function* listPages(door: JobDoor, signal: AbortSignal): AsyncGenerator<readonly ObservedJob[]> {
  let next: string | null = null;
  do {
    const page: Page = await readPage(door, next, signal);
    yield page.jobs;
    next = page.next;
  } while (next !== null);
}

interface Page {
  readonly jobs: readonly ObservedJob[];
  readonly next: string | null;
}

async function readPage(door: JobDoor, next: string | null, signal: AbortSignal): Promise<Page> {
  const query = {
    labelSelector: MANAGED_SELECTOR,
    limit: String(PAGE_SIZE),
    ...(next === null ? {} : { continue: next }),
  };
  const path = toResourcePath('jobs', door.namespace);
  return parseObject(parsePage, await door.client.call({ verb: 'list', path, query }, signal));
}

const page = z.object({
  metadata: z.object({ continue: z.string().optional() }),
  items: z.array(z.unknown()),
});

function parsePage(raw: unknown): Page {
  const { metadata, items } = page.parse(raw);
  return { jobs: items.map(parseJob), next: metadata.continue === '' ? null : (metadata.continue ?? null) };
}

async function forEachAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
