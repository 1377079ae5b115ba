import { beforeEach, describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.ts';

const MEBIBYTE = 1_024 * 1_024;

let said: string[];
let queue: EventQueue;

beforeEach(() => {
  said = [];
  queue = new EventQueue({
    pause: () => void said.push('pause'),
    resume: () => void said.push('resume'),
    leave: () => void said.push('leave'),
  });
});

const lineOf = (bytes: number): Buffer => Buffer.from(`"${'x'.repeat(bytes - 3)}"\n`);

describe('the queue of a watch', () => {
  it('asks for a pause once more than 4 MiB wait, and goes on at half of that', async () => {
    const events = queue.read();
    for (let n = 1; n <= 4; n++) expect(queue.push(lineOf(MEBIBYTE))).toBeNull();
    expect(queue.isPaused).toBe(false);
    queue.push(lineOf(MEBIBYTE));
    expect(queue.isPaused).toBe(true);
    expect(said).toEqual(['pause']);
    for (let n = 1; n <= 2; n++) await events.next();
    expect(queue.isPaused).toBe(true);
    await events.next();
    expect(queue.isPaused).toBe(false);
    expect(said).toEqual(['pause', 'resume']);
  });

  it('takes a line of 8 MiB and says what is wrong with a longer one', () => {
    expect(queue.push(Buffer.alloc(8 * MEBIBYTE, 'x'))).toBeNull();
    expect(queue.push(Buffer.from('x'))).toMatchObject({ kind: 'unavailable' });
  });

  it('wakes a reader that waits, with an event or with the end', async () => {
    const events = queue.read();
    const first = events.next();
    queue.push(Buffer.from('1\n'));
    expect(await first).toEqual({ done: false, value: 1 });
    const second = events.next();
    queue.end(null);
    expect(await second).toMatchObject({ done: true });
    expect(said).toEqual(['leave']);
  });

  it('ends once: what is said afterwards changes nothing', async () => {
    queue.end(new Error('first'));
    queue.end(null);
    queue.drop(new Error('second'));
    await expect(queue.read().next()).rejects.toThrow('first');
  });
});
