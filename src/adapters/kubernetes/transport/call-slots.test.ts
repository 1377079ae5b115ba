import { describe, expect, it } from 'vitest';
import { createCallSlots } from './call-slots.ts';

const NEVER = new AbortController().signal;

describe('call slots', () => {
  it('let so many in at once, and the others in their order', async () => {
    const slots = createCallSlots(2);
    const entered: number[] = [];
    const leave = new Map<number, () => void>();
    const all = [0, 1, 2, 3].map(async (index) => {
      leave.set(index, await slots.take(NEVER));
      entered.push(index);
    });
    await Promise.all(all.slice(0, 2));
    expect(entered).toEqual([0, 1]);
    leave.get(1)?.();
    await all[2];
    expect(entered).toEqual([0, 1, 2]);
    leave.get(0)?.();
    await all[3];
    expect(entered).toEqual([0, 1, 2, 3]);
  });

  it('are given back once, however often it is said', async () => {
    const slots = createCallSlots(1);
    const giveBack = await slots.take(NEVER);
    const second = slots.take(NEVER);
    giveBack();
    giveBack();
    await second;
    const stopped = new AbortController();
    const third = slots.take(stopped.signal);
    stopped.abort(new Error('still taken'));
    await expect(third).rejects.toThrow('still taken');
  });

  it('pass over whoever gave up', async () => {
    const slots = createCallSlots(1);
    const giveBack = await slots.take(NEVER);
    const stopped = new AbortController();
    const second = slots.take(stopped.signal);
    const third = slots.take(NEVER);
    stopped.abort(new Error('gave up'));
    await expect(second).rejects.toThrow('gave up');
    giveBack();
    await expect(third).resolves.toBeTypeOf('function');
  });

  it('are not for one that was stopped before', async () => {
    await expect(createCallSlots(1).take(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});
