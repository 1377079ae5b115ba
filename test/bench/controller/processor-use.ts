import { readFileSync } from 'node:fs';
import { readFamilyMicros } from '../process-usage.ts';

/** Processor time in seconds, of a stretch of time. */
export interface ProcessorUse {
  readonly byName: Readonly<Record<string, number>>;
  /** Of everything else on the machine: much of it makes the times worthless. */
  readonly others: number;
  /** What other machines on the same host took. */
  readonly stolen: number;
}

const TICKS_A_SECOND = 100;
const IDLE = 3;
const IO_WAIT = 4;
const STEAL = 7;
const GUEST = 8;

/** Begins to count; the function returned says what was used since. Processes are counted with their children. */
export function startProcessorUse(pids: Readonly<Record<string, number>>): () => ProcessorUse {
  const before = look(pids);
  return () => {
    const after = look(pids);
    const byName = Object.fromEntries(
      Object.entries(after.byName).map(([name, seconds]) => [name, seconds - (before.byName[name] ?? 0)]),
    );
    const known = Object.values(byName).reduce((sum, seconds) => sum + seconds, 0);
    return { byName, others: after.busy - before.busy - known, stolen: after.stolen - before.stolen };
  };
}

function look(pids: Readonly<Record<string, number>>) {
  const ticks = (/^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '').split(' ').map(Number);
  const busy = ticks.slice(0, GUEST).filter((_, place) => place !== IDLE && place !== IO_WAIT && place !== STEAL);
  return {
    byName: Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, readFamilyMicros(pid) / 1e6])),
    busy: busy.reduce((sum, count) => sum + count, 0) / TICKS_A_SECOND,
    stolen: (ticks[STEAL] ?? 0) / TICKS_A_SECOND,
  };
}
