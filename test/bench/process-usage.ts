import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts processor time in hundredths of a second. */
const MICROS_PER_TICK = 10_000;
const PPID = 1;
const UTIME = 11;
const STIME = 12;
const CUTIME = 13;
const CSTIME = 14;

/** The fields behind the program's name; empty when the process is gone. */
function readStat(pid: number | 'self'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  } catch {
    return [];
  }
}

function sumTicks(fields: readonly string[], places: readonly number[]): number {
  return places.reduce((sum, place) => sum + Number(fields[place] ?? 0), 0) * MICROS_PER_TICK;
}

/** Of this process's children that have ended, in microseconds. */
export function readEndedChildrenMicros(): number {
  return sumTicks(readStat('self'), [CUTIME, CSTIME]);
}

/** Of the process and its children, living and ended, in microseconds. */
export function readFamilyMicros(pid: number): number {
  const own = sumTicks(readStat(pid), [UTIME, STIME, CUTIME, CSTIME]);
  return listChildren(pid).reduce((sum, child) => sum + sumTicks(readStat(child), [UTIME, STIME]), own);
}

export function listChildren(pid: number): readonly number[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map(Number).filter((candidate) => Number(readStat(candidate)[PPID]) === pid);
}

/** The most memory that the process ever held, in MiB; undefined when it is gone. */
export function readPeakMib(pid: number): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}
