import type { Notice } from '../../controller/cluster.ts';
import type { MallSync } from '../../controller/mall-sync.ts';
import { toMicroTime } from './micro-time.ts';
import { GROUP, VERSION } from './resource-path.ts';

const MOST_NOTE_BYTES = 1_024;
const LONGEST_NAME = 253;
const LONGEST_INSTANCE = 128;
const CUT = '…';

/** What is to be told, and how often it has come up. */
export interface EventRecord {
  /** Of the Event; unique in the namespace. */
  readonly name: string;
  readonly mallSync: Pick<MallSync, 'name' | 'uid'>;
  readonly notice: Notice;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly count: number;
}

/** @param instance the pod that tells it */
export function buildEvent(record: EventRecord, namespace: string, instance: string): object {
  const { name, mallSync, notice, firstAtMs, count } = record;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace },
    eventTime: toMicroTime(firstAtMs),
    reportingController: `${GROUP}/controller`,
    reportingInstance: instance.slice(0, LONGEST_INSTANCE),
    action: 'Reconcile',
    type: notice.type,
    reason: notice.reason,
    note: cutNote(notice.message),
    regarding: { apiVersion: `${GROUP}/${VERSION}`, kind: 'MallSync', namespace, ...mallSync },
    ...(count > 1 ? { series: buildSeries(record) } : {}),
  };
}

export function buildSeries({ count, lastAtMs }: EventRecord): object {
  return { count, lastObservedTime: toMicroTime(lastAtMs) };
}

/** @param suffix what makes it unique */
export function toEventName(mallSyncName: string, suffix: string): string {
  // a name may not end in a dot or hyphen before the next dot
  return `${mallSyncName.slice(0, LONGEST_NAME - suffix.length - 1).replace(/[.-]+$/, '')}.${suffix}`;
}

/** The API server counts bytes, and a letter may be several. */
export function cutNote(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= MOST_NOTE_BYTES) return message;
  const kept = bytes.subarray(0, MOST_NOTE_BYTES - Buffer.byteLength(CUT));
  return new TextDecoder().decode(kept, { stream: true }) + CUT;
}
