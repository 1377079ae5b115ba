import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { mallSyncSpec } from '../../adapters/kubernetes/mall-sync-schema.ts';
import type { Mall } from '../../domain/mall.ts';
import { parseSeoulTime } from '../../domain/seoul-time.ts';
import { buildManifest } from './manifest.ts';
import { newRunQuery } from './query.ts';
import type { NewRunWish } from './wish.ts';
import { fillIn, judgeWish } from './wish.ts';

const NOON = parseSeoulTime('2025-12-02T12:00:00') ?? 0;

function aMall(mallId: number, rest: Partial<Mall> = {}): Mall {
  return {
    mallId,
    cafe24MallId: `mall-${mallId}`,
    name: `Mall ${mallId}`,
    active: true,
    shopNos: null,
    domainTypes: ['MEMBER', 'ORDER'],
    labels: {},
    settings: {},
    ...rest,
  };
}

const MALLS = [
  aMall(1, { labels: { tier: 'gold', region: 'kr' } }),
  aMall(2, { labels: { tier: 'gold' } }),
  aMall(3, { active: false, labels: { tier: 'gold' } }),
  aMall(4, { domainTypes: ['SALES'] }),
];

const GIVEN = {
  domainType: 'ORDER',
  start: '2025-12-01T00:00:00',
  end: '2025-12-02T00:00:00',
  pageSize: '500',
};

function judge(given: Readonly<Record<string, string | string[]>>) {
  return judgeWish(newRunQuery.parse({ ...GIVEN, ...given }), MALLS, NOON);
}

describe('judgeWish', () => {
  it('means the active malls of the domain unless told otherwise', () => {
    expect(judge({}).wish).toMatchObject({ scope: 'active', mallIds: [1, 2], pageSize: 500, reprocess: false });
  });

  it('takes malls by number or Cafe24 id, ticked or typed, each once', () => {
    const { wish } = judge({ scope: 'chosen', mallId: ['3', '1'], malls: 'MALL-2, 1;3' });
    expect(wish?.mallIds).toEqual([1, 2, 3]);
  });

  it('takes active malls that have all of the labels', () => {
    expect(judge({ scope: 'label', labels: 'tier=gold' }).wish?.mallIds).toEqual([1, 2]);
    expect(judge({ scope: 'label', labels: 'tier = gold, region=kr' }).wish?.mallIds).toEqual([1]);
  });

  it('takes days, and times without seconds; a day at the end is read to its last second', () => {
    expect(judge({ start: '2025-11-30', end: '2025-12-01' }).wish).toMatchObject({
      startDate: '2025-11-30T00:00:00',
      endDate: '2025-12-01T23:59:59',
    });
    expect(judge({ start: '2025-12-01T06:30', end: '2025-12-01T07:00' }).wish).toMatchObject({
      startDate: '2025-12-01T06:30:00',
      endDate: '2025-12-01T07:00:00',
    });
  });

  it.each([
    ['domainType', { domainType: 'member' }, { kind: 'wrong' }],
    ['malls', { scope: 'chosen' }, { kind: 'missing' }],
    ['malls', { scope: 'chosen', malls: '1, 9 nobody' }, { kind: 'unknown', names: ['9', 'nobody'] }],
    ['labels', { scope: 'label' }, { kind: 'missing' }],
    ['labels', { scope: 'label', labels: 'gold' }, { kind: 'wrong' }],
    ['labels', { scope: 'label', labels: 'tier=lead' }, { kind: 'none' }],
    ['start', { start: 'yesterday' }, { kind: 'wrong' }],
    ['start', { start: '2025-02-30T00:00:00' }, { kind: 'wrong' }],
    ['end', { end: '2025-12-01T00:00:00' }, { kind: 'order' }],
    ['end', { end: '2025-11-30T00:00:00' }, { kind: 'order' }],
    ['end', { end: '2025-12-02T12:00:00' }, { kind: 'open' }],
    ['pageSize', { pageSize: '0' }, { kind: 'wrong' }],
    ['pageSize', { pageSize: '1001' }, { kind: 'wrong' }],
    ['pageSize', { pageSize: '1.5' }, { kind: 'wrong' }],
    ['reason', { reprocess: '1' }, { kind: 'missing' }],
    ['reason', { reason: 'x'.repeat(501) }, { kind: 'wrong' }],
  ])('names the field %s of %j', (field, given, fault) => {
    const judged = judge(given);
    expect(judged.wish).toBeNull();
    expect(judged.faults).toEqual({ [field]: fault });
  });

  it('names every field at fault at once', () => {
    expect(
      Object.keys(judge({ scope: 'chosen', malls: '9', end: '2025-11-30', reprocess: '1' }).faults).sort(),
    ).toEqual(['end', 'malls', 'reason']);
  });

  it('begins with yesterday and all malls, and with the given malls where some are given', () => {
    const filled = fillIn(newRunQuery.parse({}), NOON);
    expect(filled).toMatchObject({ start: '2025-12-01T00:00:00', end: '2025-12-02T00:00:00', scope: 'active' });
    expect(judgeWish(filled, MALLS, NOON).wish).not.toBeNull();
    expect(fillIn(newRunQuery.parse({ mallId: '3' }), NOON).scope).toBe('chosen');
  });
});

const document = z.object({
  apiVersion: z.literal('mallsync.io/v1alpha1'),
  kind: z.literal('MallSync'),
  metadata: z.strictObject({ name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/) }),
  spec: mallSyncSpec.strict(),
});

function readBack(wish: NewRunWish): readonly z.output<typeof document>[] {
  const documents = parseAllDocuments(buildManifest(wish, 'kim: "night" #1'), { schema: 'yaml-1.1' });
  return documents.map((each) => document.parse(each.toJS()));
}

describe('buildManifest', () => {
  const WISH: NewRunWish = {
    domainType: 'ORDER',
    scope: 'chosen',
    labels: {},
    mallIds: [1, 2],
    startDate: '2025-12-01T00:00:00',
    endDate: '2025-12-02T00:00:00',
    pageSize: 500,
    reprocess: true,
    reason: 'late: orders\n- of "December"',
  };

  it('is a MallSync that the CRD’s schema takes, as it was asked for', () => {
    const [made] = readBack(WISH);
    expect(made?.metadata.name).toBe('manual-order-20251201-20251202');
    expect(made?.spec).toMatchObject({
      domainType: 'ORDER',
      startDate: '2025-12-01T00:00:00',
      endDate: '2025-12-02T00:00:00',
      mallIds: [1, 2],
      pageSize: 500,
      reprocess: true,
      reason: 'late: orders\n- of "December"',
      trigger: 'MANUAL',
      requestedBy: 'kim: "night" #1',
    });
  });

  it('names labels or no malls at all where that is what was meant', () => {
    const labelled = readBack({ ...WISH, scope: 'label', labels: { tier: 'yes' } })[0]?.spec;
    expect([labelled?.mallIds, labelled?.mallSelector]).toEqual([undefined, { tier: 'yes' }]);
    const all = readBack({ ...WISH, scope: 'active' })[0]?.spec;
    expect([all?.mallIds, all?.mallSelector]).toEqual([undefined, undefined]);
  });

  it('is several where one cannot name all malls', () => {
    const mallIds = Array.from({ length: 2_500 }, (_, index) => index + 1);
    const made = readBack({ ...WISH, mallIds });
    expect(made.map(({ spec }) => spec.mallIds?.length)).toEqual([1_000, 1_000, 500]);
    expect(new Set(made.map(({ metadata }) => metadata.name)).size).toBe(3);
  });

  it('has a name of its own for part of a day', () => {
    const [made] = readBack({ ...WISH, endDate: '2025-12-01T11:59:59' });
    expect(made?.metadata.name).toBe('manual-order-20251201t000000-20251201t115959');
  });
});
