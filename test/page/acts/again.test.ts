import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PageClient } from '../../support/page-world.ts';
import type { PipelineMall } from '../../support/pipeline.ts';
import { DAY } from '../../support/pipeline.ts';
import { rowsOf, toText } from '../page-text.ts';
import type { ActsWorld } from './acts-world.ts';
import { fieldOf, idOf, listAudit, listRequests, openActsWorld } from './acts-world.ts';

const MEMBERS = { domainTypes: ['MEMBER'] };
const NEXT_DAY = { startDate: '2025-11-30T00:00:00', endDate: '2025-12-01T00:00:00' };

let world: ActsWorld;
let operator: PageClient;
let malls: Readonly<Record<'calm' | 'lost' | 'gone', PipelineMall>>;
let runs: Readonly<Record<'calm' | 'lost' | 'gone' | 'lostBefore', number>>;

beforeAll(async () => {
  world = await openActsWorld();
  const { pipeline } = world;
  malls = {
    calm: await pipeline.addMall({ membersPerDay: 5 }, { ...MEMBERS, name: 'Calm <Clothes>' }),
    lost: await pipeline.addMall({ consent: 'lost' }, { ...MEMBERS, name: 'Lost Lamps' }),
    gone: await pipeline.addMall({ consent: 'lost' }, { ...MEMBERS, name: 'Gone Goods' }),
  };
  runs = {
    calm: idOf(await pipeline.run(malls.calm)),
    lost: idOf(await pipeline.run(malls.lost)),
    gone: idOf(await pipeline.run(malls.gone)),
    lostBefore: idOf(await pipeline.run(malls.lost, { ...NEXT_DAY, pageSize: 7 })),
  };
  operator = await world.page.signIn('otto');
});
beforeEach(async () => {
  await world.pipeline.db.query('truncate mallsync.tb_batch_retry_request cascade');
  await world.pipeline.db.query('update mallsync.tb_mall_config set active = true');
});

async function preview(query: string): Promise<string> {
  const answer = await operator.get(`/runs/again?${query}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.text;
}

/** What the form of that preview sends. */
function formOf(page: string): Record<string, string> {
  return Object.fromEntries(
    ['key', 'mode', 'executions', 'pageSize'].map((name) => [name, fieldOf(page, name)] as const),
  );
}

describe('the preview of running again', () => {
  it('shows what would happen to each mall, and starts nothing', async () => {
    const page = await preview(`executions=${runs.calm},${runs.lost}`);
    expect(toText(page)).toContain('to be started 1 already running 0 already complete 1 refused 0');
    expect(rowsOf(page, 'Mall by mall')).toEqual([
      expect.stringMatching(/^Calm <Clothes> 1 Members 2025-12-01 – already complete is complete; nothing to do –$/),
      expect.stringMatching(/^Lost Lamps 2 Members 2025-12-01 ✓ to be started is read from its begin ! needs consent/),
    ]);
    expect(toText(page)).toContain('Start 1 run');
    expect(await listRequests(world)).toHaveLength(0);
  });

  it('groups by domain and period, with the page size of before', async () => {
    const page = await preview(`executions=${runs.lost}&executions=${runs.gone}&executions=${runs.lostBefore}`);
    expect(rowsOf(page, 'By domain and period').toSorted()).toEqual([
      'Members 2025-11-30 7 1 0 0 0',
      'Members 2025-12-01 100 2 0 0 0',
    ]);
  });

  it('takes all that a filter matches, and holds on to exactly these', async () => {
    const page = await preview('status=FAILED&start=2025-12-01&end=2025-12-01');
    expect(new Set(fieldOf(page, 'executions').split(','))).toEqual(new Set([String(runs.lost), String(runs.gone)]));
    const later = idOf(await world.pipeline.run(malls.gone));
    expect(await preview('status=FAILED&start=2025-12-01&end=2025-12-01')).toContain(`${later}`);
    await operator.post('/runs/again', formOf(page));
    const [request] = await listRequests(world);
    expect(request?.items.map(({ mall }) => mall)).toEqual([malls.lost.mallId, malls.gone.mallId]);
  });

  it('says that nothing is chosen where nothing says which, and that nothing matches', async () => {
    expect(toText(await preview(''))).toContain('No run was chosen.');
    expect(toText(await preview('status=STOPPED'))).toContain('No run matches the filter any more.');
  });

  it('warns where nothing is connected that would carry it out', async () => {
    expect(toText(await preview(`executions=${runs.lost}`))).toContain('No server and no controller is connected');
  });

  it('refuses a mall that is switched off', async () => {
    await world.pipeline.db.query('update mallsync.tb_mall_config set active = false where mall_id = $1', [
      malls.gone.mallId,
    ]);
    const page = await preview(`executions=${runs.lost},${runs.gone}`);
    expect(rowsOf(page, 'Mall by mall')[0]).toContain('✕ refused the mall is switched off');
    await operator.post('/runs/again', formOf(page));
    const [request] = await listRequests(world);
    expect(request?.items).toEqual([
      { mall: malls.lost.mallId, state: 'PENDING', result: null },
      { mall: malls.gone.mallId, state: 'REFUSED', result: 'ConfigInvalid: the mall is not active' },
    ]);
  });

  it('is for operators, and knows no run that does not exist', async () => {
    const viewer = await world.page.signIn('vera');
    expect((await viewer.get(`/runs/again?executions=${runs.lost}`)).status).toBe(403);
    expect((await viewer.post('/runs/again', formOf(await preview(`executions=${runs.lost}`)))).status).toBe(403);
    expect((await operator.get('/runs/again?executions=999999')).status).toBe(404);
    for (const [query, field] of [
      ['executions=one', 'executions'],
      [`executions=${runs.lost}&mode=later`, 'mode'],
      [`executions=${runs.lost}&pageSize=1001`, 'pageSize'],
      ['status=BROKEN', 'status'],
    ]) {
      const answer = await operator.get(`/runs/again?${query}`);
      expect(answer.status, query).toBe(400);
      expect(toText(answer.text), query).toContain(`Field ${field}`);
    }
    expect(await listRequests(world)).toHaveLength(0);
  });
});

describe('the confirmation', () => {
  it('is one request a domain type and period, under one key, with who and what in the audit log', async () => {
    const form = formOf(await preview(`executions=${runs.lost},${runs.gone},${runs.lostBefore}`));
    const answer = await operator.post('/runs/again', { ...form, reason: 'consent is back' });
    expect([answer.status, answer.location]).toEqual([303, `/requests/${form['key']}`]);
    const common = { kind: 'RESUME', requested_by: 'otto', reason: 'consent is back', state: 'PENDING' };
    expect((await listRequests(world)).toSorted((a, b) => (a.start_date < b.start_date ? -1 : 1))).toMatchObject([
      { ...common, idempotency_key: `${form['key']} MEMBER ${NEXT_DAY.startDate} ${NEXT_DAY.endDate}`, page_size: 7 },
      { ...common, idempotency_key: `${form['key']} MEMBER ${DAY.startDate} ${DAY.endDate}`, page_size: 100 },
    ]);
    expect((await listAudit(world)).at(-1)).toMatchObject({
      actor: 'otto',
      action: 'run again',
      target: '3 runs',
      outcome: 'done',
      source: '127.0.0.1',
    });
  });

  it('is one request however often it is sent: a double click, the back button, five at once', async () => {
    const form = formOf(await preview(`executions=${runs.lost},${runs.lostBefore}`));
    const answers = await Promise.all(Array.from({ length: 5 }, () => operator.post('/runs/again', form)));
    answers.push(await operator.post('/runs/again', form));
    expect(new Set(answers.map(({ status, location }) => `${status} ${location}`))).toEqual(
      new Set([`303 /requests/${form['key']}`]),
    );
    expect(await listRequests(world)).toHaveLength(2);
  });

  it('is a request of its own for each operator', async () => {
    const other = await world.page.signIn('olga');
    await operator.post('/runs/again', formOf(await preview(`executions=${runs.lost}`)));
    const otherPage = (await other.get(`/runs/again?executions=${runs.lost}`)).text;
    await other.post('/runs/again', formOf(otherPage));
    expect((await listRequests(world)).map(({ requested_by }) => requested_by)).toEqual(['otto', 'olga']);
  });

  it('refuses a key that stands for something else, all of it', async () => {
    const form = formOf(await preview(`executions=${runs.lost}`));
    await operator.post('/runs/again', form);
    for (const executions of [`${runs.lost},${runs.gone}`, `${runs.lost},${runs.lostBefore}`, `${runs.lostBefore}`]) {
      const answer = await operator.post('/runs/again', { ...form, executions });
      expect(answer.status, executions).toBe(400);
      expect(toText(answer.text)).toContain('Field key');
    }
    expect(await listRequests(world)).toHaveLength(1);
  });

  it('asks why a complete one is read again, and keeps the answer', async () => {
    const page = await preview(`executions=${runs.calm}&mode=reprocess`);
    expect(rowsOf(page, 'Mall by mall')[0]).toContain('✓ to be started is complete, and read again');
    const refused = await operator.post('/runs/again', { ...formOf(page), reason: ' ' });
    expect(refused.status).toBe(400);
    expect(toText(refused.text)).toContain('must say why it is read again');
    expect(fieldOf(refused.text, 'key')).toBe(fieldOf(page, 'key'));
    expect((await operator.post('/runs/again', { ...formOf(page), reason: 'late <orders>' })).status).toBe(303);
    expect(await listRequests(world)).toMatchObject([{ kind: 'REPROCESS', reason: 'late <orders>' }]);
  });

  it.each([
    ['key', { key: 'short' }],
    ['key', { key: 'has a blank in it' }],
    ['executions', { executions: '' }],
    ['executions', { executions: '1;drop table' }],
    ['mode', { mode: 'RESUME' }],
    ['reason', { reason: 'x'.repeat(501) }],
    ['reason', { reason: 'a null \0 in it' }],
  ])('names the field %s of %j', async (field, change) => {
    const form = formOf(await preview(`executions=${runs.lost}`));
    const answer = await operator.post('/runs/again', { ...form, ...change });
    expect(answer.status).toBe(400);
    expect(toText(answer.text)).toContain(`Field ${field}`);
    expect(await listRequests(world)).toHaveLength(0);
  });

  it('does the same by the API, with the key in a header', async () => {
    const headers = {
      'content-type': 'application/json',
      'x-csrf-token': await operator.readToken(),
      'idempotency-key': 'night-2025-12-01',
    };
    const send = (path: string, body: object) =>
      operator.send(`/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const looked = JSON.parse(
      (await send('/reruns/preview', { filter: { status: 'FAILED', start: '2025-12-01' } })).text,
    );
    expect(looked.executionIds).toEqual(expect.arrayContaining([runs.lost, runs.gone]));
    expect(looked).toMatchObject({ counts: { start: 2, alreadyRunning: 0 }, isServed: false, needsConsent: 2 });
    const body = { executionIds: looked.executionIds };
    const [first, second] = [await send('/reruns', body), await send('/reruns', body)];
    expect([first.status, JSON.parse(first.text)]).toMatchObject([202, { key: 'night-2025-12-01', isNew: true }]);
    expect(JSON.parse(second.text)).toMatchObject({ isNew: false, requestIds: JSON.parse(first.text).requestIds });
    expect(await listRequests(world)).toHaveLength(1);
    for (const [wrong, field] of [
      [{}, 'executionIds'],
      [{ executionIds: [runs.calm], mode: 'reprocess' }, 'reason'],
      [{ executionIds: [runs.calm], domainType: 'MEMBER' }, 'executionIds'],
      [{ domainType: 'MEMBER', startDate: DAY.startDate, endDate: DAY.startDate }, 'endDate'],
      [{ domainType: 'MEMBER', ...DAY, mallIds: [77] }, 'mallIds'],
    ] as const) {
      const answer = await send('/reruns', wrong);
      expect([answer.status, JSON.parse(answer.text).error.field], JSON.stringify(wrong)).toEqual([400, field]);
    }
  });
});
