import { beforeAll, describe, expect, it } from 'vitest';
import type { PageClient, PageWorld } from '../support/page-world.ts';
import { startPageWorld } from '../support/page-world.ts';
import { addBudget, addInstance, addMall, addMallSync, addRun, addWindow } from './read-models/ledger-rows.ts';

const DAY = ['2026-03-01', '2026-03-02'] as const;
const NASTY = '<script>alert(1)</script>"\'';

let world: PageWorld;
let viewer: PageClient;
let operator: PageClient;
let running: number;
let quota: number;
let unheld: number;
let queued: number;

beforeAll(async () => {
  world = await startPageWorld({ users: { vera: 'viewer', otto: 'operator' } });
  [viewer, operator] = [await world.signIn('vera'), await world.signIn('otto')];
});

async function addScene(): Promise<void> {
  const { test } = world;
  await addMall(test, 1, { name: NASTY });
  await addMall(test, 2);
  await addMall(test, 3);
  await addMallSync(test, 'uid-1');
  const claimed = { started_at: 'now', lease_until: 'tomorrow', fence_token: 1 };
  const first = await addInstance(test, { mallId: 1, days: DAY });
  running = await addRun(test, first, { ...claimed, status: 'RUNNING', read: 12_345, api_calls: 17, wait_ms: 4_000 });
  await addWindow(test, first, 0, { state: 'COMPLETE', count_before: 10_000, rows_seen: 10_000 });
  await addWindow(test, first, 1, { state: 'OPEN', count_before: 15_000, rows_seen: 2_345 });
  await addBudget(test, 1, '*', { level: 1, call_usage_percent: 61.4, time_usage_percent: 7 });
  await addBudget(test, 1, 'customersprivacy', { level: 20, updated_at: 'tomorrow' });
  const second = await addInstance(test, { mallId: 2, domainType: 'ORDER', days: DAY });
  quota = await addRun(test, second, { ...claimed, status: 'WAITING' });
  await addBudget(test, 2, '*', { blocked_until: '2999-01-01T00:30:00+09:00' });
  const third = await addInstance(test, { mallId: 3, domainType: 'SALES', days: DAY });
  unheld = await addRun(test, third, {
    status: 'RUNNING',
    started_at: 'yesterday',
    lease_until: 'yesterday',
    fence_token: 1,
    last_reason: 'UpstreamUnavailable',
  });
  const fourth = await addInstance(test, { mallId: 3, domainType: 'MEMBER', days: DAY });
  queued = await addRun(test, fourth, { status: 'REQUESTED', trigger: 'RERUN' });
  await test.query(
    `insert into mallsync.tb_batch_retry_request (idempotency_key, kind, domain_type, start_date, end_date, requested_by)
     values ('k MEMBER a b', 'RESUME', 'MEMBER', '2026-03-01T00:00:00', '2026-03-02T00:00:00', 'otto')`,
  );
}

/** Visible text of one table row or of an element with an id. */
function textOf(page: string, id: string): string {
  const start = page.indexOf(`id="${id}"`);
  if (start < 0) throw new Error(`nothing has the id ${id}`);
  const rest = page.slice(page.lastIndexOf('<', start));
  const tag = /^<(\w+)/.exec(rest)?.[1] ?? '';
  return toText(rest.slice(0, rest.indexOf(`</${tag}>`)));
}

function toText(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

describe('the page of what runs now', () => {
  it('says so where nothing runs', async () => {
    const page = await viewer.get('/now');
    expect(page.status).toBe(200);
    expect(textOf(page.text, 'now-summary')).toBe('0 running, 0 waiting.');
    expect(page.text).toContain('Nothing is running.');
    expect(page.text).toContain('Nothing waits.');
  });

  describe('with runs', () => {
    beforeAll(addScene);

    it('shows how far each run has come', async () => {
      const page = (await viewer.get('/now')).text;
      expect(textOf(page, 'now-summary')).toBe('3 running, 1 waiting.');
      const row = textOf(page, `run-${running}`);
      expect(row).toContain('Members 2026-03-01');
      expect(row).toContain('12,345 of 25,000 rows · 1 of 2 windows');
      expect(row).toContain('17 4 s waited');
      expect(page).toMatch(/<progress[^>]*value="12345"\s+max="25000"/);
    });

    it('says what holds a run up, and until when', async () => {
      const page = (await viewer.get('/now')).text;
      expect(textOf(page, `run-${quota}`)).toContain('quota spent, waits until 2999-01-01 00:30');
      expect(textOf(page, `run-${unheld}`)).toContain('no process holds it');
      expect(textOf(page, `run-${unheld}`)).toContain('let go before: UpstreamUnavailable');
      expect(toText(page)).toContain('Held up 2');
    });

    it('shows the queue, the budgets of the malls that run and the open requests', async () => {
      const page = (await viewer.get('/now')).text;
      expect(textOf(page, `queued-${queued}`)).toMatch(/^1 \d+ Mall 3 Members 2026-03-01 .* run again$/);
      expect(textOf(page, 'budget-1')).toMatch(/customersprivacy: 20 of 40 61 % 7 % no$/);
      expect(textOf(page, 'budget-2')).toContain('2999-01-01 00:30');
      expect(toText(page)).toContain('Requests 1 not yet taken up; 0 under way');
    });

    it('offers to stop a run only to those who may', async () => {
      expect((await operator.get('/now')).text).toContain(`href="/runs/${running}/stop"`);
      expect((await viewer.get('/now')).text).not.toContain('/stop');
    });

    it('speaks Korean', async () => {
      const page = (await viewer.get('/now', { 'accept-language': 'ko' })).text;
      expect(textOf(page, 'now-summary')).toBe('실행 중 3건, 대기 1건.');
      expect(textOf(page, `run-${quota}`)).toContain('사용량 소진, 2999-01-01 00:30까지 대기');
    });

    it('shows what a mall is called as text', async () => {
      const page = (await viewer.get('/now')).text;
      expect(page).not.toContain('<script>alert');
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    });

    it('works without scripts: it says of when it is and how to get it anew', async () => {
      const page = (await viewer.get('/now')).text;
      expect(page).toMatch(/As of \d\d:\d\d:\d\d KST/);
      expect(page).toMatch(/<a class="live-refresh" href="\/now"/);
    });

    it('has a twin in the API', async () => {
      const answer = JSON.parse((await viewer.get('/api/v1/now')).text) as Record<string, unknown>;
      expect(answer).toMatchObject({
        runningTotal: 3,
        waitingTotal: 1,
        waiting: [{ executionId: queued, position: 1, mallName: 'Mall 3' }],
        requests: { pending: 1, accepted: 0 },
      });
      expect(answer['running']).toContainEqual(
        expect.objectContaining({ executionId: running, read: 12_345, windowsDone: 1, expectedRows: 25_000 }),
      );
    });
  });
});
