import { beforeAll, describe, expect, it } from 'vitest';
import type { PageClient } from '../support/page-world.ts';
import { openNightScene, type NightScene } from './night-scene.ts';
import { linkOf, rowsOf, toText } from './page-text.ts';
import { addInstance, addRun, addWindow, seoul } from './read-models/ledger-rows.ts';

let scene: NightScene;
let viewer: PageClient;
let operator: PageClient;
let admin: PageClient;

beforeAll(async () => {
  scene = await openNightScene();
  const { world } = scene;
  [viewer, operator, admin] = [await world.signIn('vera'), await world.signIn('otto'), await world.signIn('ada')];
});

/** Visible text of the panel under that heading. */
function panelOf(html: string, heading: string): string {
  const panels = html.split('<section').map((part) => part.split('</section>')[0] ?? '');
  const panel = panels.find((part) => toText(/<h2>[\s\S]*?<\/h2>/.exec(part)?.[0] ?? '') === heading);
  if (panel === undefined) throw new Error(`there is no part ${heading}`);
  return toText(`<section${panel}`);
}

describe('the page of one run', () => {
  it('says in one sentence why it failed, what to do, and leads there', async () => {
    const { runs, malls } = scene;
    const page = (await admin.get(`/runs/${runs.lost}`)).text;
    const text = toText(page);
    expect(text).toContain('AuthFailed: Cafe24 refused the mall’s consent. Authorize the mall again on its page');
    expect(text).toContain('has no valid consent: its refresh token is refused');
    expect(linkOf(page, 'Authorize the mall')).toBe(`/malls/${malls.lost.mallId}`);
    expect(linkOf((await viewer.get(`/runs/${runs.lost}`)).text, 'Open the mall')).toBe(`/malls/${malls.lost.mallId}`);
    const korean = await viewer.get(`/runs/${runs.lost}`, { 'accept-language': 'ko' });
    expect(toText(korean.text)).toContain('AuthFailed: Cafe24가 쇼핑몰 인증을 거부했습니다.');
  });

  it('shows the seven parameters and who asked for it', async () => {
    const { runs, malls } = scene;
    const parameters = panelOf((await viewer.get(`/runs/${runs.spoilt}`)).text, 'Parameters');
    expect(parameters).toContain(`Mall ${malls.spoilt.mallId} Spoilt Shoes (${malls.spoilt.cafe24MallId})`);
    expect(parameters).toContain(
      'Domain type MEMBER Start date 2025-12-01T00:00:00 End date 2025-12-02T00:00:00 Page size 100 Attempt 1 Mode resume',
    );
    expect(parameters).toContain('Started by local run Asked for by test Reason given a test');
  });

  it('compares the API’s count of each window with the rows seen', async () => {
    const page = (await viewer.get(`/runs/${scene.runs.spoilt}`)).text;
    expect(rowsOf(page, 'Windows')).toEqual([
      '1 2025-12-01 00:00 – 2025-12-02 00:00 1 join ! complete, with rejects 60 60 3 –',
    ]);
    expect(page).toContain('aria-label="60 of 60 rows seen"');
    expect(panelOf(page, 'What it read')).toMatch(/Read 60 .*Inserted 57 .*Rejected 3 API calls \d+ Pages: 1 Waited/);
    expect(panelOf(page, 'What happened')).toMatch(
      /Asked for: test .*Claimed .*Window 1 settled: complete, with rejects .*Ended/,
    );
  });

  it('groups rejected rows by cause, with a masked sample and the way to replay one group', async () => {
    const { runs } = scene;
    const page = (await operator.get(`/runs/${runs.spoilt}`)).text;
    const errors = panelOf(page, 'Rejected rows');
    expect(errors).toContain('TOO_LONG');
    expect(errors).toContain('created_date is not a date or time MEMBER:VALIDATE:BAD_DATE:created_date');
    expect(page).toContain('name="fingerprint" value="MEMBER:VALIDATE:BAD_DATE:created_date"');
    expect(page).toContain(`action="/runs/${runs.spoilt}/replay"`);
    expect(errors).toMatch(/"email": "x9+@xxxx/);
    const looked = (await viewer.get(`/runs/${runs.spoilt}`)).text;
    expect(looked).not.toContain('/replay');
    expect(looked).not.toContain('/reveal');
    expect(looked).not.toContain('/runs/again');
  });

  it('lists the rejected rows one by one, their keys masked, page by page', async () => {
    const { runs } = scene;
    const first = await viewer.get(`/runs/${runs.spoilt}/errors?limit=2`);
    const second = await viewer.get(linkOf(first.text, 'Older rows'));
    const rows = [...rowsOf(first.text, 'Rejected rows'), ...rowsOf(second.text, 'Rejected rows')];
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toMatch(/^1\|\S\*\*\* /);
    const fingerprint = 'MEMBER:VALIDATE:BAD_DATE:created_date';
    const group = await viewer.get(`/runs/${runs.spoilt}/errors?fingerprint=${encodeURIComponent(fingerprint)}`);
    expect(rowsOf(group.text, 'Rejected rows').every((row) => row.includes('BAD_DATE'))).toBe(true);
  });

  it('puts attempts side by side', async () => {
    const { pipeline, malls, runs } = scene;
    const again = await pipeline.run(malls.gone);
    const page = (await viewer.get(`/runs/${String(again.executionId)}`)).text;
    const attempts = rowsOf(page, 'Attempts');
    expect(attempts.map((row) => row.slice(0, 20))).toEqual([
      expect.stringMatching(/^2 this one ✕ failed/),
      expect.stringMatching(/^1 ✕ failed/),
    ]);
    expect(linkOf(page, '1')).toBe(`/runs/${runs.gone}`);
    const first = (await viewer.get(`/runs/${runs.gone}`)).text;
    expect(toText(first)).toContain(`Taken up since by Run ${String(again.executionId)} ✕ failed`);
  });

  it('names the Job, the MallSync and the commands to look closer', async () => {
    const { pipeline, malls } = scene;
    const instance = await addInstance(pipeline.db, {
      mallId: malls.unread.mallId,
      days: ['2025-10-01', '2025-10-02'],
    });
    const id = await addRun(pipeline.db, instance, {
      status: 'FAILED',
      failure_reason: 'OutOfMemory',
      job_name: 'ms-member-5-20251001',
      mallsync_name: 'nightly-member-20251001',
      mallsync_namespace: 'shops',
      launched_at: seoul('2025-10-02T00:01'),
    });
    const page = (await viewer.get(`/runs/${id}`)).text;
    const look = panelOf(page, 'Look closer');
    expect(look).toContain('kubectl logs -n shops job/ms-member-5-20251001');
    expect(look).toContain('kubectl describe -n shops ms nightly-member-20251001');
    expect(panelOf(page, 'What happened')).toContain('Its Job was created: ms-member-5-20251001');
    const local = panelOf((await viewer.get(`/runs/${scene.runs.calm}`)).text, 'Look closer');
    expect(local).toContain(`select(.mallId == ${malls.calm.mallId} and .domainType == "MEMBER")`);
    expect(local).not.toContain('kubectl');
  });

  it('shows first what is remarkable of many windows, and all when asked', async () => {
    const { pipeline, malls } = scene;
    const asked = { mallId: malls.unread.mallId, domainType: 'ORDER', days: ['2025-10-01', '2025-10-02'] as const };
    const instance = await addInstance(pipeline.db, asked);
    const id = await addRun(pipeline.db, instance, { status: 'FAILED', failure_reason: 'IncompleteRead' });
    for (let n = 1; n <= 60; n += 1) {
      const state = n === 60 ? 'INCOMPLETE' : 'COMPLETE';
      await addWindow(pipeline.db, instance, n, {
        state,
        count_before: 10,
        count_after: n === 60 ? 12 : 10,
        distinct_seen: 9,
      });
    }
    const page = (await viewer.get(`/runs/${id}`)).text;
    expect(rowsOf(page, 'Windows')).toHaveLength(40);
    expect(rowsOf(page, 'Windows').at(-1)).toContain('✕ incomplete 12 10 before, 12 after 9');
    expect(toText(page)).toContain('60 of 60 settled');
    expect(rowsOf((await viewer.get(`/runs/${id}?windows=all`)).text, 'Windows')).toHaveLength(60);
    expect(linkOf(page, 'See the incomplete windows')).toBe('#windows');
  });

  it('follows a run that is under way, and offers to stop it only to those who may', async () => {
    const { pipeline, malls, world } = scene;
    const instance = await addInstance(pipeline.db, {
      mallId: malls.unread.mallId,
      days: ['2025-10-03', '2025-10-04'],
    });
    const id = await addRun(pipeline.db, instance, {
      status: 'RUNNING',
      started_at: seoul('2025-12-02T08:59'),
      lease_until: '2999-01-01',
      pod: 'a worker',
      fence_token: 1,
      read: 5,
    });
    const page = (await operator.get(`/runs/${id}`)).text;
    expect(page).toContain(`data-live="/runs/${id}/events"`);
    expect(linkOf(page, 'Stop it')).toBe(`/runs/${id}/stop`);
    expect((await viewer.get(`/runs/${id}`)).text).not.toContain('Stop it');
    const aborter = new AbortController();
    const cookie = [...viewer.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const events = await fetch(new URL(`/runs/${id}/events`, world.url), {
      headers: { cookie },
      signal: aborter.signal,
    });
    const reader = (events.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    const readUntil = async (word: string): Promise<string> => {
      for (let heard = ''; ;) {
        const { value, done } = await reader.read();
        heard += value ?? '';
        if (heard.includes(word) || done) return heard;
      }
    };
    expect(await readUntil('run-counters')).toContain('run-attempts');
    await pipeline.db.query(
      `update mallsync.tb_batch_execution_summary set read = 4321, status = 'COMPLETED', ended_at = now(), lease_until = null
       where execution_id = $1`,
      [id],
    );
    expect(await readUntil('event: over')).toContain('4,321');
    aborter.abort();
  });

  it.each([
    ['REQUESTED', '2025-10-05', 'It has not begun yet. See its place in the queue'],
    ['WAITING', '2025-10-06', 'It waits until Cafe24’s limits let it go on; nothing is lost by it.'],
  ])('says what a run that is %s waits for', async (status, day, words) => {
    const { pipeline, malls } = scene;
    const instance = await addInstance(pipeline.db, { mallId: malls.unread.mallId, days: [day, '2025-10-07'] });
    const id = await addRun(pipeline.db, instance, { status });
    const text = toText((await viewer.get(`/runs/${id}`)).text);
    expect(text).toContain(words);
    expect(text).not.toContain('Run again');
  });

  it('is the same run in the API', async () => {
    const { runs } = scene;
    const answer = JSON.parse((await viewer.get(`/api/v1/runs/${runs.spoilt}`)).text) as object;
    expect(answer).toMatchObject({
      executionId: runs.spoilt,
      mallName: 'Spoilt Shoes',
      status: 'COMPLETED_WITH_REJECTS',
      advice: null,
      windows: [{ countAfter: 60, distinctSeen: 60 }],
      errorGroups: [{ open: 2 }, { open: 1 }],
    });
    const lost = JSON.parse((await viewer.get(`/api/v1/runs/${runs.lost}`)).text) as object;
    expect(lost).toMatchObject({
      advice: { reason: 'AuthFailed', what: expect.stringContaining('Authorize') as string },
    });
    const windows = JSON.parse((await viewer.get(`/api/v1/runs/${runs.spoilt}/windows`)).text) as object;
    expect(windows).toMatchObject({ windows: [{ n: 1, rejected: 3 }] });
    const errors = JSON.parse((await viewer.get(`/api/v1/runs/${runs.spoilt}/errors?limit=1`)).text) as object;
    expect(errors).toMatchObject({ entries: [{ rowKey: expect.stringMatching(/^1\|.\*\*\*$/) as string }] });
  });

  it.each(['999999', '0', 'no-number', '99999999999999999999', '1;drop table x'])('knows no run %s', async (id) => {
    for (const path of [`/runs/${id}`, `/runs/${id}/errors`, `/runs/${id}/events`]) {
      expect((await viewer.get(path)).status).toBe(404);
    }
  });
});

describe('a rejected row in clear', () => {
  let errorId: number;

  beforeAll(async () => {
    const [row] = await scene.pipeline.db.query<{ error_id: string }>(
      'select error_id from mallsync.tb_batch_error_log where execution_id = $1 order by error_id limit 1',
      [scene.runs.spoilt],
    );
    errorId = Number(row?.error_id);
  });

  it('is shown to an admin who asks for it, and noted', async () => {
    const { runs, pipeline } = scene;
    const [entry] = await pipeline.db.query<{ row_key: string }>(
      'select row_key from mallsync.tb_batch_error_log where error_id = $1',
      [errorId],
    );
    const page = (await admin.get(`/runs/${runs.spoilt}`)).text;
    expect(page).not.toContain(entry?.row_key);
    const shown = await admin.post(`/runs/${runs.spoilt}/errors/${errorId}/reveal`);
    expect(shown.status).toBe(200);
    expect(shown.headers.get('cache-control')).toContain('no-store');
    expect(toText(shown.text)).toContain(`Key ${String(entry?.row_key)}`);
    const audit = await pipeline.db.query<{ actor: string; target: string; detail: object }>(
      `select actor, target, outcome, detail from mallsync.tb_audit_log where action = 'errors reveal'`,
    );
    expect(audit).toMatchObject([
      { actor: 'ada', target: `run ${runs.spoilt} rejected row ${errorId}`, outcome: 'done' },
    ]);
    expect(JSON.stringify(audit)).not.toContain(entry?.row_key);
  });

  it('is refused to an operator, and is no row of another run', async () => {
    const { runs } = scene;
    expect((await operator.post(`/runs/${runs.spoilt}/errors/${errorId}/reveal`)).status).toBe(403);
    expect((await admin.get(`/runs/${runs.spoilt}/errors/${errorId}/reveal`)).status).toBe(404);
    expect((await admin.post(`/runs/${runs.calm}/errors/${errorId}/reveal`)).status).toBe(404);
    expect((await admin.post(`/runs/${runs.spoilt}/errors/99999999/reveal`)).status).toBe(404);
  });
});
