import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { buildCrd } from '../../src/adapters/kubernetes/crd-document.ts';
import { parseMallSync } from '../../src/adapters/kubernetes/mall-sync-parser.ts';
import { ApiServerError, openApiServer } from '../support/api-server-client.ts';
import type { KubeObject } from '../support/api-server-door.ts';

const client = openApiServer(inject('apiServer').kubeconfig);
const namespace = `crd-${crypto.randomUUID().slice(0, 8)}`;
const COLLECTION = `/apis/mallsync.io/v1alpha1/namespaces/${namespace}/mallsyncs`;
const STRICT = 'fieldValidation=Strict';

type Spec = Readonly<Record<string, unknown>>;

const GOOD: Spec = { domainType: 'MEMBER', startDate: '2025-12-01T00:00:00', endDate: '2025-12-17T23:59:59' };

/** Everything the API server refused, to see that no rule of the schema was left out. */
const refusals: string[] = [];

beforeAll(async () => {
  await client.request('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
});

afterAll(async () => {
  await client.request('DELETE', `/api/v1/namespaces/${namespace}`);
  await client.close();
});

function toMallSync(spec: Spec, name = `try-${crypto.randomUUID()}`): KubeObject {
  return { apiVersion: 'mallsync.io/v1alpha1', kind: 'MallSync', metadata: { name }, spec };
}

async function create(spec: Spec, name?: string): Promise<KubeObject> {
  return await client.request('POST', `${COLLECTION}?${STRICT}`, toMallSync(spec, name));
}

async function change(name: string, spec: Spec): Promise<KubeObject> {
  return await client.request('PATCH', `${COLLECTION}/${name}?${STRICT}`, { spec });
}

/** What the API server says against it; empty when it takes it. */
async function refusalOf(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return '';
  } catch (error) {
    if (!(error instanceof ApiServerError)) throw error;
    expect(error.status).toBeLessThan(500);
    refusals.push(error.message);
    return error.message;
  }
}

const TAKEN: readonly (readonly [what: string, spec: Spec])[] = [
  ['the least that can be given', GOOD],
  ['one second', { ...GOOD, startDate: '2025-12-01T10:00:00', endDate: '2025-12-01T10:00:00' }],
  ['the second before midnight', { ...GOOD, startDate: '2025-12-01T23:59:59', endDate: '2025-12-01T23:59:59' }],
  ['a leap day', { ...GOOD, startDate: '2024-02-29T00:00:00' }],
  ['malls by number', { ...GOOD, mallIds: [3, 1, 2] }],
  ['the most malls', { ...GOOD, mallIds: Array.from({ length: 1_000 }, (_, index) => 9_007_199_254_740_991 - index) }],
  ['malls by label', { ...GOOD, mallSelector: { tier: 'gold', region: '' } }],
  ['a reprocess with its reason', { ...GOOD, reprocess: true, reason: 'late orders' }],
  ['a replay of all groups', { ...GOOD, replay: {} }],
  ['a replay of one group', { ...GOOD, replay: { fingerprints: ['MEMBER:MAP:BAD_DATE:created_date'] } }],
  [
    'the largest numbers',
    {
      ...GOOD,
      pageSize: 1_000,
      attemptCount: 1_000_000,
      parallelism: 1_000,
      priority: 1_000,
      activeDeadlineSeconds: 604_800,
      ttlSecondsAfterFinished: 31_536_000,
    },
  ],
  [
    'the smallest numbers',
    {
      ...GOOD,
      pageSize: 1,
      attemptCount: 1,
      parallelism: 1,
      priority: -1_000,
      activeDeadlineSeconds: 60,
      ttlSecondsAfterFinished: 0,
    },
  ],
];

const CALENDAR = 'must be a day of the calendar';
const ORDER = 'endDate must be later than startDate';

const REFUSED: readonly (readonly [what: string, spec: Spec, complaint: string])[] = [
  ['no parameters', {}, 'spec.domainType: Required value'],
  ['no domain type', { ...GOOD, domainType: undefined }, 'spec.domainType: Required value'],
  ['no begin', { ...GOOD, startDate: undefined }, 'spec.startDate: Required value'],
  ['no end', { ...GOOD, endDate: undefined }, 'spec.endDate: Required value'],
  ['an unknown domain type', { ...GOOD, domainType: 'MEMBERS' }, 'supported values: "MEMBER", "ORDER", "SALES"'],
  ['an unknown trigger', { ...GOOD, trigger: 'LOCAL' }, 'spec.trigger: Unsupported value'],
  ['an unknown field', { ...GOOD, pagesize: 10 }, 'unknown field "spec.pagesize"'],
  ['a day without a time', { ...GOOD, startDate: '2025-12-01' }, 'spec.startDate'],
  ['a time with an offset', { ...GOOD, startDate: '2025-12-01T00:00:00+09:00' }, 'spec.startDate'],
  ['a 25th hour', { ...GOOD, startDate: '2025-12-01T25:00:00' }, 'spec.startDate'],
  ['30 February as begin', { ...GOOD, startDate: '2025-02-30T00:00:00' }, CALENDAR],
  ['31 November as end', { ...GOOD, startDate: '2025-11-01T00:00:00', endDate: '2025-11-31T00:00:00' }, CALENDAR],
  ['29 February of a common year', { ...GOOD, startDate: '2023-02-29T00:00:00' }, CALENDAR],
  ['an end before the begin', { ...GOOD, endDate: '2025-11-30T23:59:59' }, ORDER],
  ['an empty period at midnight', { ...GOOD, endDate: '2025-12-01T00:00:00' }, ORDER],
  ['no malls at all', { ...GOOD, mallIds: [] }, 'spec.mallIds'],
  ['a mall 0', { ...GOOD, mallIds: [0] }, 'spec.mallIds[0]'],
  ['a mall twice', { ...GOOD, mallIds: [1, 2, 1] }, 'Duplicate value'],
  ['1,001 malls', { ...GOOD, mallIds: Array.from({ length: 1_001 }, (_, index) => index + 1) }, 'Too many'],
  ['malls by number and label', { ...GOOD, mallIds: [1], mallSelector: { tier: 'gold' } }, 'may not be given together'],
  ['a selector of nothing', { ...GOOD, mallSelector: {} }, 'spec.mallSelector'],
  ['a label without a name', { ...GOOD, mallSelector: { '': 'gold' } }, 'a label has 1 to 63 characters'],
  ['a label of 64 letters', { ...GOOD, mallSelector: { ['x'.repeat(64)]: '' } }, 'a label has 1 to 63 characters'],
  ['a label value of 64 letters', { ...GOOD, mallSelector: { tier: 'x'.repeat(64) } }, 'spec.mallSelector.tier'],
  ['a page of no rows', { ...GOOD, pageSize: 0 }, 'spec.pageSize'],
  ['a page of 1,001 rows', { ...GOOD, pageSize: 1_001 }, 'spec.pageSize'],
  ['a page in words', { ...GOOD, pageSize: '1000' }, 'spec.pageSize'],
  ['an attempt 0', { ...GOOD, attemptCount: 0 }, 'spec.attemptCount'],
  ['an attempt 1,000,001', { ...GOOD, attemptCount: 1_000_001 }, 'spec.attemptCount'],
  ['a reprocess without reason', { ...GOOD, reprocess: true }, 'reprocess needs a reason'],
  ['a reprocess with a blank reason', { ...GOOD, reprocess: true, reason: ' ' }, 'reprocess needs a reason'],
  ['a reason of 501 letters', { ...GOOD, reason: 'x'.repeat(501) }, 'spec.reason'],
  ['a name of 201 letters', { ...GOOD, requestedBy: 'x'.repeat(201) }, 'spec.requestedBy'],
  [
    'a replay that reprocesses',
    { ...GOOD, reprocess: true, reason: 'x', replay: {} },
    'replay and reprocess may not be given together',
  ],
  ['an empty fingerprint', { ...GOOD, replay: { fingerprints: [''] } }, 'spec.replay.fingerprints[0]'],
  ['no Jobs at once', { ...GOOD, parallelism: 0 }, 'spec.parallelism'],
  ['1,001 Jobs at once', { ...GOOD, parallelism: 1_001 }, 'spec.parallelism'],
  ['a priority of 1,001', { ...GOOD, priority: 1_001 }, 'spec.priority'],
  ['a priority of -1,001', { ...GOOD, priority: -1_001 }, 'spec.priority'],
  ['a deadline of a second', { ...GOOD, activeDeadlineSeconds: 1 }, 'spec.activeDeadlineSeconds'],
  ['a life of two years', { ...GOOD, ttlSecondsAfterFinished: 63_072_000 }, 'spec.ttlSecondsAfterFinished'],
];

const FIXED: Spec = {
  ...GOOD,
  mallIds: [1, 2],
  pageSize: 500,
  reason: 'late orders',
  trigger: 'RERUN',
  requestedBy: 'kim',
  replay: { fingerprints: ['MEMBER:MAP:BAD_DATE:created_date'] },
};

const FORBIDDEN: readonly (readonly [field: string, before: Spec, value: unknown])[] = [
  ['domainType', FIXED, 'ORDER'],
  ['startDate', FIXED, '2025-12-01T00:00:01'],
  ['endDate', FIXED, '2025-12-18T00:00:00'],
  ['mallIds', FIXED, [1, 2, 3]],
  ['mallIds', FIXED, null],
  ['mallIds', GOOD, [1]],
  ['mallSelector', { ...GOOD, mallSelector: { tier: 'gold' } }, { tier: 'silver' }],
  ['mallSelector', { ...GOOD, mallSelector: { tier: 'gold' } }, null],
  ['mallSelector', GOOD, { tier: 'gold' }],
  ['pageSize', FIXED, 501],
  ['pageSize', FIXED, null],
  ['reprocess', FIXED, true],
  ['reason', FIXED, 'other'],
  ['reason', FIXED, null],
  ['trigger', FIXED, 'BACKFILL'],
  ['trigger', FIXED, null],
  ['requestedBy', FIXED, 'lee'],
  ['requestedBy', FIXED, null],
  ['replay', FIXED, { fingerprints: ['other'] }],
  ['replay', FIXED, null],
  ['replay', GOOD, {}],
];

describe('a MallSync', () => {
  test.each(TAKEN)('may have %s', async (_what, spec) => {
    expect(await refusalOf(create(spec))).toBe('');
  });

  test.each(REFUSED)('is refused with %s', async (_what, spec, complaint) => {
    expect(await refusalOf(create(spec))).toContain(complaint);
  });

  test('is refused with a name that is too long for a label of its Jobs', async () => {
    expect(await refusalOf(create(GOOD, 'x'.repeat(63)))).toBe('');
    expect(await refusalOf(create(GOOD, 'x'.repeat(64)))).toContain('a name has 63 characters at most');
  });

  test.each(FORBIDDEN)('keeps its %s', async (field, before, value) => {
    const { metadata } = await create(before);
    expect(await refusalOf(change(metadata.name, { [field]: value }))).toContain(`${field} may not be changed`);
  });

  test('takes the same malls in another order for the same', async () => {
    const { metadata } = await create(FIXED);
    expect(await refusalOf(change(metadata.name, { mallIds: [2, 1] }))).toBe('');
  });

  test('has an attempt that only rises', async () => {
    const { name } = (await create(GOOD)).metadata;
    expect(await refusalOf(change(name, { attemptCount: 2 }))).toBe('');
    expect(await refusalOf(change(name, { attemptCount: 3 }))).toBe('');
    expect(await refusalOf(change(name, { attemptCount: 3 }))).toBe('');
    expect(await refusalOf(change(name, { attemptCount: 2 }))).toContain('attemptCount may only rise');
    expect(await refusalOf(change(name, { attemptCount: null }))).toContain('attemptCount may only rise');
  });

  test('is cancelled once and for all', async () => {
    const { name } = (await create(GOOD)).metadata;
    expect(await refusalOf(change(name, { cancel: false }))).toBe('');
    expect(await refusalOf(change(name, { cancel: true }))).toBe('');
    expect(await refusalOf(change(name, { cancel: false }))).toContain('cancel may not be taken back');
    expect(await refusalOf(change(name, { cancel: null }))).toContain('cancel may not be taken back');
  });

  test('changes its wishes at any time', async () => {
    const { name } = (await create(FIXED)).metadata;
    const wishes = {
      parallelism: 3,
      priority: -7,
      suspend: true,
      activeDeadlineSeconds: 600,
      ttlSecondsAfterFinished: 60,
    };
    expect((await change(name, wishes)).spec).toMatchObject({ ...FIXED, ...wishes });
    expect((await change(name, { suspend: false, priority: null })).spec).not.toHaveProperty('priority');
  });

  test('gets the defaults of the schema, and is read back with them', async () => {
    const created = await create(GOOD);
    expect(created.spec).toEqual({
      ...GOOD,
      pageSize: 1_000,
      reprocess: false,
      reason: '',
      trigger: 'MANUAL',
      requestedBy: '',
      parallelism: 20,
      suspend: false,
      cancel: false,
      activeDeadlineSeconds: 21_600,
      ttlSecondsAfterFinished: 604_800,
    });
    expect(parseMallSync(created)).toEqual(parseMallSync({ ...created, spec: GOOD }));
    expect(parseMallSync(created).spec).toMatchObject({ mallIds: null, attemptCount: null, priority: 50 });
  });

  test('has a status of its own door, bounded and keyed', async () => {
    const { metadata } = await create(GOOD);
    const path = `${COLLECTION}/${metadata.name}/status?${STRICT}`;
    const apply = (status: unknown): Promise<KubeObject> =>
      client.request('PATCH', path, { status, spec: { mallIds: [9] } });
    const saved = await apply(STATUS);
    expect(saved.status).toEqual(STATUS);
    expect(saved.spec).not.toHaveProperty('mallIds');
    expect(parseMallSync(saved).status).toEqual(STATUS);
    const twice = { ...STATUS, conditions: [...STATUS.conditions, ...STATUS.conditions] };
    expect(await refusalOf(apply(twice))).toContain('Duplicate value');
    const failures = Array.from({ length: 21 }, (_, mallId) => ({ ...STATUS.failures[0], mallId: mallId + 1 }));
    expect(await refusalOf(apply({ ...STATUS, failures }))).toContain('Too many');
    expect(await refusalOf(apply({ ...STATUS, explanation: 'x'.repeat(4_097) }))).toContain('status.explanation');
  });
});

const STATUS = {
  observedGeneration: 1,
  conditions: [
    {
      type: 'Succeeded',
      status: 'Unknown',
      reason: 'InProgress',
      message: '',
      observedGeneration: 1,
      lastTransitionTime: '2025-12-18T00:00:05Z',
    },
  ],
  malls: {
    total: 1,
    waiting: 0,
    active: 0,
    succeeded: 0,
    withRejects: 0,
    alreadyComplete: 0,
    refused: 0,
    failed: 1,
    stopped: 0,
  },
  rows: { read: 9_007_199_254_740_991, inserted: 0, updated: 0, unchanged: 0, rejected: 0 },
  failures: [{ mallId: 3, reason: 'AuthFailed', message: '승인이 필요합니다', attempt: 2, executionId: 918 }],
  explanation: '1 of 1 malls failed.',
  startTime: '2025-12-18T00:00:00Z',
};

const SAMPLES = new URL('../../deploy/samples/', import.meta.url);

describe('the samples', () => {
  test.each(readdirSync(SAMPLES).sort())('%s can be applied', async (file) => {
    const sample = parse(readFileSync(new URL(file, SAMPLES), 'utf8'));
    const path = `${COLLECTION}/${sample.metadata.name}?fieldManager=kubectl&${STRICT}`;
    const applied = await client.request('PATCH', path, sample, 'application/apply-patch+yaml');
    expect(applied.spec).toMatchObject(sample.spec);
    expect(parseMallSync(applied)).toMatchObject({ fault: null, spec: { domainType: sample.spec.domainType } });
  });
});

describe('the definition of MallSync', () => {
  test('has no rule that was not seen to refuse something', () => {
    const told = refusals.join('\n');
    expect(listRules(buildCrd()).filter((message) => !told.includes(message))).toEqual([]);
  });

  test('lets a list be narrowed by domain type and begin', async () => {
    await create({ ...GOOD, domainType: 'ORDER', startDate: '2025-12-05T00:00:00' }, 'one-of-orders');
    const list = async (selector: string): Promise<readonly string[]> => {
      const { items } = await client.request('GET', `${COLLECTION}?fieldSelector=${encodeURIComponent(selector)}`);
      return items.map(({ metadata }: KubeObject) => metadata.name);
    };
    expect(await list('spec.domainType=ORDER,spec.startDate=2025-12-05T00:00:00')).toEqual(['one-of-orders']);
    expect(await list('spec.startDate=2025-12-05T00:00:00')).toEqual(['one-of-orders']);
    expect(await list('spec.domainType=MEMBER,spec.startDate=2025-12-05T00:00:00')).toEqual([]);
    expect(await list('spec.domainType=ORDER')).toContain('one-of-orders');
    expect(await list('spec.domainType=MEMBER')).not.toContain('one-of-orders');
  });

  test('explains every field', async () => {
    const { components } = await client.request('GET', '/openapi/v3/apis/mallsync.io/v1alpha1');
    const { spec, status } = components.schemas['io.mallsync.v1alpha1.MallSync'].properties;
    expect(listUnexplained(spec, 'spec')).toEqual([]);
    expect(listUnexplained(status, 'status')).toEqual([]);
  });

  test('bounds every text, list, map and number', () => {
    const { openAPIV3Schema } = (buildCrd() as KubeObject).spec.versions[0].schema;
    expect(listUnbounded(openAPIV3Schema.properties.spec, 'spec')).toEqual([]);
    expect(listUnbounded(openAPIV3Schema.properties.status, 'status')).toEqual([]);
  });
});

function listRules(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'x-kubernetes-validations' in node ? (node['x-kubernetes-validations'] as KubeObject[]) : [];
  return [...own.map(({ message }) => String(message)), ...Object.values(node).flatMap(listRules)];
}

function listUnexplained(node: KubeObject, path: string): readonly string[] {
  const own = typeof node.description === 'string' && node.description !== '' ? [] : [path];
  const fields: readonly (readonly [string, KubeObject])[] = Object.entries(
    node.properties ?? node.items?.properties ?? {},
  );
  return [...own, ...fields.flatMap(([name, field]) => listUnexplained(field, `${path}.${name}`))];
}

const BOUNDS: Readonly<Record<string, readonly string[]>> = {
  string: ['maxLength'],
  array: ['maxItems'],
  integer: ['minimum', 'maximum'],
  object: ['maxProperties'],
};

function listUnbounded(node: KubeObject, path: string): readonly string[] {
  const isClosed = node.enum !== undefined || node.properties !== undefined;
  const missing = isClosed ? [] : (BOUNDS[node.type] ?? []).filter((bound) => node[bound] === undefined);
  const inner: readonly (readonly [string, KubeObject])[] = [
    ...Object.entries(node.properties ?? {}),
    ...(node.items === undefined ? [] : [['[]', node.items] as const]),
    ...(node.additionalProperties === undefined ? [] : [['{}', node.additionalProperties] as const]),
  ];
  return [
    ...missing.map((bound) => `${path} has no ${bound}`),
    ...inner.flatMap(([name, each]) => listUnbounded(each, `${path}.${name}`)),
  ];
}
