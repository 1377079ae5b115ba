import type { SyncWindow } from '../domain/window.ts';
import { judgePass } from './completeness.ts';
import type { WindowSettlement } from './ledger.ts';
import type { RunContext } from './run-context.ts';
import { splitWindow } from './split-window.ts';
import { TerminalError } from '../domain/errors.ts';
import type { PassEnd, PassProgress } from './window-pass.ts';
import { confirmPass, loadProgress, readPass } from './window-pass.ts';

/**
 * Brings one window from where it stands to settled, or splits it.
 * @returns the smaller windows to run instead; empty when the window is settled
 */
export async function runWindow<Payload>(run: RunContext<Payload>, window: SyncWindow): Promise<readonly SyncWindow[]> {
  if (window.state !== 'UNSPLIT') {
    await readToSettlement(run, window);
    return [];
  }
  const { ledger, source, observer } = run.ports;
  const countBefore = await countRows(run, window);
  const bounds = splitWindow(window, countBefore, source.windowCeiling);
  if (bounds.length > 0) {
    const parts = await run.retries.run(() => ledger.splitWindow(run.execution, window.n, bounds), run.signal);
    observer.onWindowsKnown?.(run.execution, parts);
    return parts;
  }
  await run.retries.run(() => ledger.openWindow(run.execution, window.n, countBefore), run.signal);
  await readToSettlement(run, { ...window, state: 'OPEN', countBefore });
  return [];
}

async function countRows<Payload>(run: RunContext<Payload>, window: SyncWindow): Promise<number | null> {
  return run.retries.run(() => run.ports.source.countRows(window, run.signal), run.signal);
}

async function readToSettlement<Payload>(run: RunContext<Payload>, opened: SyncWindow): Promise<void> {
  const { ledger, observer } = run.ports;
  let window = opened;
  let progress = await loadProgress(run, window);
  for (;;) {
    const end = await readOrFail(run, window, progress);
    const countAfter = await countRows(run, window);
    const verdict = judgePass({
      distinctSeen: progress.seen.size,
      countBefore: window.countBefore,
      countAfter,
      hasHitCeiling: end.hasHitCeiling,
      isConfirmed: countAfter === null && (await confirmPass(run, window, progress)),
      rereads: window.rereads,
      rejected: progress.rejected,
    });
    if (verdict.kind !== 'reread') {
      const settlement =
        verdict.kind === 'complete'
          ? { state: verdict.state, countAfter, message: null }
          : { state: 'INCOMPLETE' as const, countAfter, message: verdict.message };
      await settle(run, window, settlement);
      return;
    }
    observer.onReread?.(run.execution, window, countAfter, progress.seen.size);
    await run.retries.run(() => ledger.rereadWindow(run.execution, window.n, countAfter), run.signal);
    window = { ...window, nextOffset: 0, countBefore: countAfter, rereads: window.rereads + 1 };
    progress = { seen: new Set(), checksum: 0n, rejected: 0, rowsSeen: 0 };
  }
}

async function readOrFail<Payload>(
  run: RunContext<Payload>,
  window: SyncWindow,
  progress: PassProgress,
): Promise<PassEnd> {
  try {
    return await readPass(run, window, progress);
  } catch (thrown) {
    if (thrown instanceof TerminalError && thrown.reason === 'RejectBudgetExceeded') {
      await settle(run, window, { state: 'INCOMPLETE', countAfter: null, message: thrown.message });
    }
    throw thrown;
  }
}

async function settle<Payload>(
  run: RunContext<Payload>,
  window: SyncWindow,
  settlement: WindowSettlement,
): Promise<void> {
  const { ledger, observer } = run.ports;
  await run.retries.run(() => ledger.settleWindow(run.execution, window.n, settlement), run.signal);
  run.retries.noteProgress();
  observer.onWindowSettled?.(run.execution, window, settlement);
}
