import { describe, expect, it } from 'vitest';
import type { JobOrder } from './cluster.ts';
import { createLaunchBoard } from './launch-board.ts';
import type { ObservedJob } from './observed-job.ts';

function toOrder(uid: string, executionId: number): JobOrder {
  const run = { executionId, instanceId: executionId, mallId: executionId, attemptCount: 1, pageSize: 1_000 };
  return { mallSync: { name: uid, uid }, spec: {} as JobOrder['spec'], run };
}

function toJob(ownerUid: string, isFinished: boolean): ObservedJob {
  const end = isFinished ? { kind: 'complete' as const, reason: '', message: '', atMs: 1 } : null;
  return { ownerUid, end } as ObservedJob;
}

describe('the launch board', () => {
  it('counts unfinished Jobs and those that were asked for but are not seen yet', () => {
    const board = createLaunchBoard(30);
    board.noteAsked('a-1', toOrder('a', 1));
    board.noteAsked('b-2', toOrder('b', 2));
    const counts = board.countActive([toJob('a', false), toJob('a', true), toJob('c', false)]);
    expect([...counts]).toEqual([
      ['a', 2],
      ['c', 1],
      ['b', 1],
    ]);
  });

  it('counts a Job once when it is seen, and not at all when it was refused', () => {
    const board = createLaunchBoard(30);
    board.noteAsked('a-1', toOrder('a', 1));
    board.noteAsked('a-2', toOrder('a', 2));
    board.noteSeen('a-1');
    board.noteRefused('a-2');
    expect(board.countActive([toJob('a', false)]).get('a')).toBe(1);
  });

  it('keeps the place of a Job whose answer was lost, until it is seen', () => {
    const board = createLaunchBoard(30);
    const order = toOrder('a', 1);
    board.noteAsked('a-1', order);
    expect(board.listInDoubt()).toEqual([]);
    board.noteInDoubt('a-1');
    expect(board.listInDoubt()).toEqual([order]);
    expect(board.countActive([]).get('a')).toBe(1);
    board.noteSeen('a-1');
    expect(board.listInDoubt()).toEqual([]);
  });

  it('forgets what was asked for a MallSync that is gone: nobody may ever see it', () => {
    const board = createLaunchBoard(30);
    board.noteAsked('a-1', toOrder('a', 1));
    board.noteAsked('b-2', toOrder('b', 2));
    board.forgetMallSync('a');
    expect([...board.countActive([])]).toEqual([['b', 1]]);
  });

  it('tells each MallSync how full the installation is and how many are ahead of it', () => {
    const board = createLaunchBoard(30);
    board.publish(12, new Map([['a', 7]]));
    expect(board.capacityOf('a')).toEqual({ limit: 30, active: 12, ahead: 7 });
    expect(board.capacityOf('b')).toEqual({ limit: 30, active: 12, ahead: 0 });
  });
});
