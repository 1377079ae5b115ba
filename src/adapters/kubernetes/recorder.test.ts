import { describe, expect, it } from 'vitest';
import { createScriptedKubeClient, type ScriptedStep } from '../../../test/support/scripted-kube-client.ts';
import { createSteppedClock } from '../../../test/support/stepped-clock.ts';
import { ClusterError } from '../../controller/cluster-error.ts';
import type { Notice } from '../../controller/cluster.ts';
import { cutNote, toEventName } from './recorder-event.ts';
import { createEventRecorder, type LostEvent } from './recorder.ts';
import type { KubeCall } from './transport/kube-client.ts';

const mallSync = { name: 'member-night', uid: 'uid-1' };
const done: ScriptedStep = { answer: {} };
const failed = (kind: ClusterError['kind'], retryAfterMs?: number): ScriptedStep => ({
  failure: new ClusterError(kind, `it is ${kind}`, retryAfterMs === undefined ? {} : { retryAfterMs }),
});
const aNotice = (message: string): Notice => ({ type: 'Warning', reason: 'MallFailed', message });
const never = new AbortController().signal;

function aRecorder(script: readonly ScriptedStep[]) {
  const clock = createSteppedClock(Date.parse('2026-11-22T02:00:00.123Z'));
  const client = createScriptedKubeClient(script);
  const lost: LostEvent[] = [];
  let suffix = 0;
  const recorder = createEventRecorder({
    client,
    clock,
    namespace: 'here',
    instance: 'mallsync-controller-0',
    createSuffix: () => String((suffix += 1)),
    onLost: (each) => void lost.push(each),
  });
  const calls = client.requests as readonly KubeCall[];
  return { recorder, clock, client, calls, lost };
}

const manyDone = (count: number): readonly ScriptedStep[] => Array.from({ length: count }, () => done);

describe('a notice', () => {
  it('becomes an Event about its MallSync', async () => {
    const { recorder, calls } = aRecorder([done]);
    recorder.record(mallSync, aNotice('mall 3: AuthFailed'));
    await recorder.drain(never);
    expect(calls).toEqual([
      {
        verb: 'create',
        path: '/apis/events.k8s.io/v1/namespaces/here/events',
        body: {
          apiVersion: 'events.k8s.io/v1',
          kind: 'Event',
          metadata: { name: 'member-night.1', namespace: 'here' },
          eventTime: '2026-11-22T02:00:00.123000Z',
          reportingController: 'mallsync.io/controller',
          reportingInstance: 'mallsync-controller-0',
          action: 'Reconcile',
          type: 'Warning',
          reason: 'MallFailed',
          note: 'mall 3: AuthFailed',
          regarding: { apiVersion: 'mallsync.io/v1alpha1', kind: 'MallSync', namespace: 'here', ...mallSync },
        },
      },
    ]);
  });

  it('that comes again within ten minutes counts in the same Event', async () => {
    const { recorder, calls, clock } = aRecorder(manyDone(3));
    recorder.record(mallSync, aNotice('once'));
    await recorder.drain(never);
    await clock.advance(599_000);
    recorder.record(mallSync, aNotice('once'));
    await recorder.drain(never);
    await clock.advance(600_000);
    recorder.record(mallSync, aNotice('once'));
    await recorder.drain(never);
    expect(calls.slice(1)).toEqual([
      {
        verb: 'patch',
        path: '/apis/events.k8s.io/v1/namespaces/here/events/member-night.1',
        contentType: 'application/merge-patch+json',
        body: { series: { count: 2, lastObservedTime: '2026-11-22T02:09:59.123000Z' } },
      },
      expect.objectContaining({ body: { series: { count: 3, lastObservedTime: '2026-11-22T02:19:59.123000Z' } } }),
    ]);
  });

  it('that comes again later, or about another MallSync, or in other words, is an Event of its own', async () => {
    const { recorder, calls, clock } = aRecorder(manyDone(4));
    recorder.record(mallSync, aNotice('once'));
    recorder.record(mallSync, aNotice('in other words'));
    recorder.record({ name: 'member-night', uid: 'another' }, aNotice('once'));
    await clock.advance(600_001);
    recorder.record(mallSync, aNotice('once'));
    await recorder.drain(never);
    expect(calls.map(({ verb }) => verb)).toEqual(['create', 'create', 'create', 'create']);
  });

  it('that comes again before it was written is written once, with its count', async () => {
    const { recorder, calls } = aRecorder(manyDone(2));
    recorder.record(mallSync, aNotice('first'));
    for (let times = 0; times < 5; times += 1) recorder.record(mallSync, aNotice('again'));
    await recorder.drain(never);
    expect(calls).toHaveLength(2);
    expect(calls[1]).toMatchObject({ body: { note: 'again', series: { count: 5 } } });
  });

  it('whose Event has expired meanwhile is told anew', async () => {
    const { recorder, calls } = aRecorder([done, failed('not-found'), done]);
    recorder.record(mallSync, aNotice('once'));
    await recorder.drain(never);
    recorder.record(mallSync, aNotice('once'));
    await recorder.drain(never);
    expect(calls.map(({ verb }) => verb)).toEqual(['create', 'patch', 'create']);
    expect(calls[2]).toMatchObject({ body: { series: { count: 2 } } });
  });
});

describe('the limits', () => {
  it('let one MallSync have 25 at once and one more each five seconds, and others theirs', async () => {
    const { recorder, calls, lost, clock } = aRecorder(manyDone(100));
    for (let index = 0; index < 40; index += 1) recorder.record(mallSync, aNotice(`mall ${index}`));
    recorder.record({ name: 'other', uid: 'uid-2' }, aNotice('mine'));
    await recorder.drain(never);
    expect(calls).toHaveLength(26);
    expect(lost.map(({ why, notice }) => [why, notice.message])).toEqual(
      Array.from({ length: 15 }, (_, index) => ['rate', `mall ${25 + index}`]),
    );
    await clock.advance(10_000);
    for (let index = 0; index < 3; index += 1) recorder.record(mallSync, aNotice(`later ${index}`));
    await recorder.drain(never);
    expect(calls).toHaveLength(28);
  });

  it('go on counting what they hold back', async () => {
    const { recorder, calls, lost, clock } = aRecorder(manyDone(100));
    for (let index = 0; index < 24; index += 1) recorder.record(mallSync, aNotice(`mall ${index}`));
    recorder.record(mallSync, aNotice('again'));
    await recorder.drain(never);
    for (let times = 0; times < 7; times += 1) recorder.record(mallSync, aNotice('again'));
    await clock.advance(5_000);
    recorder.record(mallSync, aNotice('again'));
    await recorder.drain(never);
    expect(calls.at(-1)).toMatchObject({ verb: 'patch', body: { series: { count: 9 } } });
    expect(lost).toEqual([]);
  });

  it('keep no more than a thousand waiting', async () => {
    const { recorder, lost } = aRecorder([]);
    for (let index = 0; index < 1_010; index += 1) {
      recorder.record({ name: `night-${index}`, uid: `uid-${index}` }, aNotice('begun'));
    }
    expect(lost.map(({ why }) => why)).toEqual(Array.from({ length: 9 }, () => 'queue'));
    const end = new AbortController();
    end.abort(new Error('no time left'));
    await recorder.drain(end.signal);
    expect(lost.filter(({ why }) => why === 'end')).toHaveLength(1_001);
  });
});

describe('a server that does not take it', () => {
  it('is asked again where that may help, after as long as it says', async () => {
    const { recorder, calls, clock, lost } = aRecorder([failed('unavailable'), failed('throttled', 7_000), done]);
    recorder.record(mallSync, aNotice('once'));
    await clock.advance(1_000);
    expect(calls).toHaveLength(2);
    await clock.advance(6_999);
    expect(calls).toHaveLength(2);
    await clock.advance(1);
    await recorder.drain(never);
    expect(calls).toHaveLength(3);
    expect(lost).toEqual([]);
  });

  it('is given up after four tries, and at once where it refuses; the next Event is not held up', async () => {
    const down = failed('timeout');
    const { recorder, calls, clock, lost } = aRecorder([failed('forbidden'), down, down, down, down, done]);
    for (const message of ['refused', 'in vain', 'fine']) recorder.record(mallSync, aNotice(message));
    await clock.advance(60_000);
    await recorder.drain(never);
    expect(lost.map(({ why, notice }) => [why, notice.message])).toEqual([
      ['refused', 'refused'],
      ['refused', 'in vain'],
    ]);
    expect(calls.at(-1)).toMatchObject({ body: { note: 'fine' } });
  });

  it('is told anew, not told of a repeat, when it comes up again', async () => {
    const { recorder, calls } = aRecorder([failed('forbidden'), done]);
    recorder.record(mallSync, aNotice('once'));
    await recorder.drain(never);
    recorder.record(mallSync, aNotice('once'));
    await recorder.drain(never);
    expect(calls[1]).toMatchObject({ verb: 'create', body: { note: 'once' } });
    expect(calls[1]?.body).not.toHaveProperty('series');
  });

  it('that has it already, from a try whose answer was lost, is believed', async () => {
    const { recorder, calls, clock, lost } = aRecorder([failed('timeout'), failed('already-exists'), done]);
    recorder.record(mallSync, aNotice('once'));
    await clock.advance(1_000);
    recorder.record(mallSync, aNotice('once'));
    await recorder.drain(never);
    expect(calls.map(({ verb }) => verb)).toEqual(['create', 'create', 'patch']);
    expect(lost).toEqual([]);
  });
});

describe('the end', () => {
  it('waits for what is under way, and gives it up when its time is over', async () => {
    const { recorder, client, lost } = aRecorder([]);
    recorder.record(mallSync, aNotice('stuck'));
    recorder.record(mallSync, aNotice('behind it'));
    await client.finished;
    const end = new AbortController();
    const drained = recorder.drain(end.signal);
    expect(lost).toEqual([]);
    end.abort(new Error('no time left'));
    await drained;
    expect(lost.map(({ why, notice }) => [why, notice.message])).toEqual([
      ['end', 'stuck'],
      ['end', 'behind it'],
    ]);
  });
});

describe('what an Event may hold', () => {
  it('is a note of 1,024 bytes, cut between letters', () => {
    expect(cutNote('a'.repeat(1_024))).toBe('a'.repeat(1_024));
    for (let shift = 0; shift < 4; shift += 1) {
      const note = cutNote('a'.repeat(shift) + '쇼핑몰'.repeat(200));
      expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1_024);
      expect(Buffer.byteLength(note)).toBeGreaterThan(1_018);
      expect(note).toMatch(/^a*[쇼핑몰]+…$/);
    }
  });

  it('is a name of 253 letters, as long as its MallSync may be called', () => {
    const name = toEventName(`${'a'.repeat(235)}.-.${'b'.repeat(15)}`, '0123456789abcdef');
    expect(name).toBe(`${'a'.repeat(235)}.0123456789abcdef`);
    expect(toEventName('c'.repeat(253), '0123456789abcdef')).toHaveLength(253);
  });
});
