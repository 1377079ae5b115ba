import cliProgress from 'cli-progress';
import type { MallProgress } from './mall-progress.ts';
import { createMallProgress } from './mall-progress.ts';
import type { ProgressDisplay } from './progress.ts';

interface MallBar {
  readonly label: string;
  readonly progress: MallProgress;
  bar: cliProgress.SingleBar | null;
}

const STEPS = 1_000;
/** Lines kept free for logs and the prompt. */
const FREE_ROWS = 4;

/**
 * A bar a mall. Where the malls are more than the terminal has lines, those under way have bars, and a mall's line goes
 * up into the scroll when it ends.
 */
export function createProgressBars(terminal: NodeJS.WriteStream): ProgressDisplay {
  const bars = new cliProgress.MultiBar(
    {
      stream: terminal,
      format: '{mall} {bar} {percentage}% {rows} rows  {note}',
      barsize: Math.min(30, Math.max(10, Math.floor(terminal.columns / 4))),
      hideCursor: true,
      clearOnComplete: false,
      linewrap: false,
      gracefulExit: false,
      fps: 8,
      emptyOnZero: true,
      autopadding: true,
    },
    cliProgress.Presets.shades_classic,
  );
  const malls = new Map<number, MallBar>();
  let isCrowded = false;

  const draw = (mall: MallBar): void => {
    const { fraction, rows, note, isEnded } = mall.progress.snapshot();
    const payload = { mall: mall.label, rows: String(rows).padStart(7), note: cut(note, terminal.columns) };
    mall.bar ??= bars.create(STEPS, 0, payload);
    mall.bar.update(Math.round(fraction * STEPS), payload);
    if (!isEnded || !isCrowded) return;
    bars.remove(mall.bar);
    bars.log(`${mall.label} ${payload.rows} rows  ${note}\n`);
  };

  return {
    plan(planned) {
      const width = Math.max(0, ...planned.map(({ label }) => label.length));
      isCrowded = planned.length > terminal.rows - FREE_ROWS;
      for (const each of planned) {
        const mall = { label: each.label.padEnd(width), progress: createMallProgress(each), bar: null };
        malls.set(each.mallId, mall);
        if (!isCrowded) draw(mall);
      }
    },
    show(event) {
      const mall = malls.get(event.mallId);
      if (mall === undefined) return;
      mall.progress.apply(event);
      draw(mall);
    },
    writeLine: (line) => bars.log(line),
    stop: () => bars.stop(),
  };
}

/** Half a line at most, so that no bar wraps: a wrapped line would be drawn over the next. */
function cut(note: string, columns: number): string {
  const room = Math.max(10, Math.floor(columns / 2) - 14);
  return note.length <= room ? note : `${note.slice(0, room - 1)}…`;
}
