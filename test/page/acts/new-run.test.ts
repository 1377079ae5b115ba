import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PageClient } from '../../support/page-world.ts';
import type { PipelineMall } from '../../support/pipeline.ts';
import { DAY } from '../../support/pipeline.ts';
import { rowsOf, toText } from '../page-text.ts';
import type { ActsWorld } from './acts-world.ts';
import { fieldOf, listAudit, listRequests, openActsWorld, serveRequests } from './acts-world.ts';

let world: ActsWorld;
let operator: PageClient;
let malls: Readonly<Record<'calm' | 'gold' | 'sales', PipelineMall>>;

const PERIOD = `start=${DAY.startDate}&end=${DAY.endDate}`;

beforeAll(async () => {
  world = await openActsWorld();
  const { pipeline } = world;
  malls = {
    calm: await pipeline.addMall({ membersPerDay: 5 }, { domainTypes: ['MEMBER'], name: 'Calm <Clothes>' }),
    gold: await pipeline.addMall(
      { membersPerDay: 5 },
      { domainTypes: ['MEMBER'], name: 'Gold', labels: { tier: 'gold' } },
    ),
    sales: await pipeline.addMall({}, { domainTypes: ['SALES'], name: 'Sales only' }),
  };
  operator = await world.page.signIn('otto');
});
beforeEach(() => world.pipeline.db.query('truncate mallsync.tb_batch_retry_request cascade'));

function formOf(page: string): Record<string, string> {
  const names = ['key', 'domainType', 'start', 'end', 'pageSize', 'mallId', 'reprocess', 'reason'];
  return Object.fromEntries(names.map((name) => [name, fieldOf(page, name)]));
}

describe('the form of a new run', () => {
  it('begins with yesterday and all active malls, and starts nothing by itself', async () => {
    const { status, text } = await operator.get('/new');
    expect(status).toBe(200);
    expect(text).toMatch(/value="2025-12-01T00:00:00"/);
    expect(text).toMatch(/value="2025-12-02T00:00:00"/);
    expect(text).toMatch(/value="active"\s+checked/);
    expect(toText(text)).not.toContain('By domain and period');
  });

  it('takes what a link gives it: the domain, the mall and the period', async () => {
    const { text } = await operator.get(
      `/new?domainType=SALES&mallId=${malls.sales.mallId}&start=2025-11-03&end=2025-11-04`,
    );
    expect(text).toMatch(/<option value="SALES" selected/);
    expect(text).toMatch(new RegExp(`name="mallId"\\s+value="${malls.sales.mallId}"\\s+checked`));
    expect(text).toMatch(/value="chosen"\s+checked/);
    expect(text).toContain('value="2025-11-03"');
  });

  it('finds malls by a part of their name', async () => {
    const { text } = await operator.get(`/new?find=${encodeURIComponent('<clo')}&step=find`);
    expect(toText(text)).toContain('Calm <Clothes> (1)');
    expect(toText((await operator.get('/new?find=nothing&step=find')).text)).toContain('No mall has that in its name.');
  });

  it('tells at each field what is wrong with it, by 400, in the visitor’s language', async () => {
    const path = '/new?step=preview&scope=chosen&malls=99&start=soon&end=2025-12-01&pageSize=0&reprocess=1';
    const { status, text } = await operator.get(path);
    expect(status).toBe(400);
    for (const sentence of ['there is no mall 99', 'must be a time like', 'must be a whole number from 1 to 1000']) {
      expect(toText(text)).toContain(sentence);
    }
    const korean = await operator.get(path, { 'accept-language': 'ko' });
    expect(toText(korean.text)).toContain('없는 쇼핑몰입니다: 99');
  });

  it('is for operators', async () => {
    const viewer = await world.page.signIn('vera');
    expect((await viewer.get('/new')).status).toBe(403);
    expect((await viewer.post('/new', { key: 'viewer-key' })).status).toBe(403);
  });
});

describe('a new run', () => {
  it('is previewed with its manifest, and starts exactly what was previewed', async () => {
    const page = (await operator.get(`/new?domainType=MEMBER&${PERIOD}&pageSize=50&step=preview`)).text;
    expect(rowsOf(page, 'Mall by mall')).toHaveLength(2);
    expect(toText(page)).toContain('kind: MallSync');
    expect(page).not.toContain('mallIds:');
    // one that joins now is not in it
    await world.pipeline.db.query(
      `update mallsync.tb_mall_config set domain_types = '{MEMBER,SALES}' where mall_id = 3`,
    );
    const answer = await operator.post('/new', formOf(page));
    expect([answer.status, answer.location]).toEqual([303, `/requests/${fieldOf(page, 'key')}`]);
    expect((await operator.post('/new', formOf(page))).status).toBe(303);
    expect(await listRequests(world)).toMatchObject([
      { kind: 'RUN', domain_type: 'MEMBER', page_size: 50, requested_by: 'otto', items: [{ mall: 1 }, { mall: 2 }] },
    ]);
    expect((await listAudit(world)).at(-1)).toMatchObject({
      action: 'new run',
      target: `MEMBER ${DAY.startDate} to ${DAY.endDate}`,
      outcome: 'done',
    });
    await world.pipeline.db.query(`update mallsync.tb_mall_config set domain_types = '{SALES}' where mall_id = 3`);
  });

  it('means malls by label, and refuses one that is not registered for the domain', async () => {
    const gold = (await operator.get(`/new?${PERIOD}&scope=label&labels=tier%3Dgold&step=preview`)).text;
    expect(rowsOf(gold, 'Mall by mall')).toEqual([expect.stringContaining('Gold 2')]);
    expect(toText(gold)).toContain('tier: gold');
    const wrong = (await operator.get(`/new?${PERIOD}&mallId=3&step=preview`)).text;
    expect(rowsOf(wrong, 'Mall by mall')).toEqual([expect.stringContaining('✕ refused the mall is not registered')]);
    expect(toText(wrong)).toContain('There is nothing to start.');
    expect(wrong).not.toContain('name="key"');
  });

  it('is judged again when it is started', async () => {
    const form = formOf((await operator.get(`/new?${PERIOD}&step=preview`)).text);
    for (const [field, change] of [
      ['end', { end: '2025-12-02T09:00:01' }],
      ['end', { end: form['start'] ?? '' }],
      ['start', { start: '2025-12-1' }],
      ['malls', { mallId: '' }],
      ['malls', { mallId: '1,99' }],
      ['pageSize', { pageSize: '-5' }],
      ['domainType', { domainType: "MEMBER'; drop table" }],
      ['reason', { reprocess: '1', reason: ' ' }],
      ['key', { key: '' }],
    ] as const) {
      const answer = await operator.post('/new', { ...form, ...change });
      expect(answer.status, JSON.stringify(change)).toBe(400);
      expect(toText(answer.text), JSON.stringify(change)).toContain(`Field ${field}`);
    }
    expect(await listRequests(world)).toHaveLength(0);
  });

  it('is carried out, and by the API alike', async () => {
    const stop = await serveRequests(world);
    const headers = {
      'content-type': 'application/json',
      'x-csrf-token': await operator.readToken(),
      'idempotency-key': 'by-the-api',
    };
    const body = JSON.stringify({ domainType: 'MEMBER', ...DAY, mallIds: [1] });
    const looked = await operator.send('/api/v1/reruns/preview', { method: 'POST', headers, body });
    expect(JSON.parse(looked.text)).toMatchObject({
      counts: { start: 1 },
      manifest: expect.stringContaining('MallSync'),
    });
    expect((await operator.send('/api/v1/reruns', { method: 'POST', headers, body })).status).toBe(202);
    const readState = async () => JSON.parse((await operator.get('/api/v1/requests/by-the-api')).text) as object;
    await expect
      .poll(readState, { timeout: 20_000, interval: 50 })
      .toMatchObject({ isOver: true, counts: { completed: 1 }, items: [{ mallId: 1, outcome: 'completed' }] });
    await stop();
  });
});
