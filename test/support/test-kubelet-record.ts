import type { KubeObject } from './api-server-door.ts';
import { isFinished } from './test-kubelet-status.ts';

/** A Job as the kubelet saw it last. */
export interface SeenJob {
  readonly name: string;
  readonly uid: string;
  /** Name of its MallSync. */
  readonly mallSync: string;
  readonly mallId: number;
  readonly executionId: number;
  readonly attemptCount: number;
  readonly isFinished: boolean;
  readonly object: KubeObject;
}

export interface JobRecord {
  readonly add: (object: KubeObject) => SeenJob;
  readonly remove: (object: KubeObject) => void;
  readonly find: (name: string) => SeenJob | undefined;
  readonly list: () => readonly SeenJob[];
  /** How many different Jobs ever had each name. */
  readonly countByName: () => ReadonlyMap<string, number>;
  /** How many different Jobs each execution ever had. */
  readonly countByExecution: () => ReadonlyMap<number, number>;
  /** The most Jobs that were there and not finished at one moment: of one MallSync, or of all. */
  readonly findMostUnfinished: (mallSync?: string) => number;
}

const ALL = '';

/** What happened to the Jobs of a namespace, in the order in which it happened. */
export function createJobRecord(): JobRecord {
  const jobs = new Map<string, SeenJob>();
  const uidsByName = new Map<string, Set<string>>();
  const uidsByExecution = new Map<number, Set<string>>();
  const unfinished = new Map<string, Set<string>>();
  const most = new Map<string, number>();

  const note = (job: SeenJob, isUnfinished: boolean): void => {
    for (const group of [ALL, job.mallSync]) {
      const members = within(unfinished, group);
      if (isUnfinished) members.add(job.uid);
      else members.delete(job.uid);
      most.set(group, Math.max(most.get(group) ?? 0, members.size));
    }
  };

  return {
    add(object) {
      const job = toSeenJob(object);
      jobs.set(job.name, job);
      within(uidsByName, job.name).add(job.uid);
      within(uidsByExecution, job.executionId).add(job.uid);
      note(job, !job.isFinished);
      return job;
    },
    remove(object) {
      const job = toSeenJob(object);
      if (jobs.get(job.name)?.uid === job.uid) jobs.delete(job.name);
      note(job, false);
    },
    find: (name) => jobs.get(name),
    list: () => [...jobs.values()],
    countByName: () => toSizes(uidsByName),
    countByExecution: () => toSizes(uidsByExecution),
    findMostUnfinished: (mallSync = ALL) => most.get(mallSync) ?? 0,
  };
}

function within<Key>(groups: Map<Key, Set<string>>, key: Key): Set<string> {
  const members = groups.get(key) ?? new Set();
  groups.set(key, members);
  return members;
}

function toSizes<Key>(groups: ReadonlyMap<Key, ReadonlySet<string>>): ReadonlyMap<Key, number> {
  return new Map(Array.from(groups, ([key, members]) => [key, members.size]));
}

function toSeenJob(object: KubeObject): SeenJob {
  const { name, uid, labels = {} } = object.metadata;
  return {
    name,
    uid,
    mallSync: labels['mallsync.io/mallsync'] ?? '',
    mallId: Number(labels['mallsync.io/mall-id']),
    executionId: Number(labels['mallsync.io/execution-id']),
    attemptCount: Number(labels['mallsync.io/attempt-count']),
    isFinished: isFinished(object),
    object,
  };
}
