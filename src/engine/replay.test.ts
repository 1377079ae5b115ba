import { describe, expect, it } from 'vitest';
import { planReplay } from './replay.ts';

const window = { fromMs: 0, untilMs: 1_000, shopNo: 1, dateType: 'join' };

describe('planReplay', () => {
  it('asks for each key once and reads the window of a row without key', () => {
    const entries = [
      { key: '1|a', window },
      { key: '1|a', window },
      { key: null, window },
    ];
    expect(planReplay(entries, true)).toEqual({ keys: ['1|a'], windows: [window] });
  });

  it('reads windows, each once, where the source cannot be asked by key', () => {
    const entries = [
      { key: '1|a', window },
      { key: '1|b', window: { ...window } },
      { key: '2|c', window: { ...window, shopNo: 2 } },
    ];
    expect(planReplay(entries, false)).toEqual({ keys: [], windows: [window, { ...window, shopNo: 2 }] });
  });
});
