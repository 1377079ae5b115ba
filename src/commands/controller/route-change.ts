import type { CacheChange } from '../../adapters/kubernetes/reflector/cluster-cache.ts';
import type { MallSync } from '../../controller/mall-sync.ts';
import type { ObservedJob, ObservedPod } from '../../controller/observed-job.ts';
import { PRIORITY } from '../../controller/work-queue-priority.ts';

/** Events of one MallSync's Jobs come in swarms: they are looked at together. */
const GATHER_MS = 150;
const SOON_MS = 20;
/** Nothing is wrong with most new Jobs: one look at all of them is enough. */
const UNSEEN_MS = 5_000;

/** Who is to look at what because of a change in the caches. */
export interface Routes {
  addMallSync(name: string, options: { readonly priority: number; readonly delayMs: number }): void;
  addLaunch(): void;
  addSweep(): void;
  findMallSyncNameOf(jobName: string): string | null;
  noteJobSeen(name: string): void;
  forgetJob(uid: string): void;
  forgetMallSync(uid: string): void;
}

export function routeChange(change: CacheChange, isInitial: boolean, routes: Routes): void {
  switch (change.kind) {
    case 'mall-sync':
      return routeMallSync(change, isInitial, routes);
    case 'job':
      return routeJob(change, routes);
    case 'pod':
      return routePod(change, routes);
  }
}

type Of<Kind extends CacheChange['kind']> = Extract<CacheChange, { readonly kind: Kind }>;

function routeMallSync(change: Of<'mall-sync'>, isInitial: boolean, routes: Routes): void {
  if (change.after === null) {
    routes.forgetMallSync(change.before.uid);
    routes.addSweep();
    return;
  }
  if (change.before !== null && isOnlyStatus(change.before, change.after)) return;
  const priority = isInitial ? PRIORITY.resync : toPriority(change.after);
  routes.addMallSync(change.after.name, { priority, delayMs: 0 });
}

/** The echo of what we wrote ourselves. */
function isOnlyStatus(before: MallSync, after: MallSync): boolean {
  return before.generation === after.generation && before.isDeleting === after.isDeleting;
}

function toPriority({ spec, isDeleting }: MallSync): number {
  const isAct = isDeleting || spec === null || spec.cancel || spec.trigger === 'RERUN';
  return isAct ? PRIORITY.act : PRIORITY.spec;
}

function routeJob({ before, after }: Of<'job'>, routes: Routes): void {
  if (after === null) {
    routes.noteJobSeen(before.name);
    routes.forgetJob(before.uid);
    // one that kept our finalizer went by force, and one that was unfinished left a free place
    if (before.hasOutcomeFinalizer || before.end === null) addOwner(before, 0, routes);
    return;
  }
  routes.noteJobSeen(after.name);
  // its run may have been settled before anybody saw it
  if (before === null && isAsMade(after)) return addOwner(after, UNSEEN_MS, routes);
  if (before !== null && isQuiet(before, after)) return;
  if (after.end !== null && before?.end == null) routes.addLaunch();
  addOwner(after, after.isDeleting && before?.isDeleting !== true ? 0 : GATHER_MS, routes);
}

/** As we make it; while a watch was away much may have happened to a Job that is new here. */
function isAsMade({ end, isDeleting, isSuspended }: ObservedJob): boolean {
  return end === null && !isDeleting && !isSuspended;
}

/** Nothing changed that a decision looks at, but what we did ourselves. */
function isQuiet(before: ObservedJob, after: ObservedJob): boolean {
  return (
    (before.end === null) === (after.end === null) &&
    before.isDeleting === after.isDeleting &&
    before.isSuspended === after.isSuspended
  );
}

function routePod({ before, after }: Of<'pod'>, routes: Routes): void {
  if (after === null || toTroubleText(before) === toTroubleText(after)) return;
  const name = routes.findMallSyncNameOf(after.jobName);
  if (name !== null) routes.addMallSync(name, { priority: PRIORITY.job, delayMs: SOON_MS });
}

function toTroubleText(pod: ObservedPod | null): string {
  return pod?.trouble == null ? '' : `${pod.trouble.reason} ${pod.trouble.message}`;
}

function addOwner({ mallSyncName }: ObservedJob, delayMs: number, routes: Routes): void {
  if (mallSyncName !== null) routes.addMallSync(mallSyncName, { priority: PRIORITY.job, delayMs });
}
