import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBrowser, type VisitOptions } from '../../support/browser.ts';
import { PASSWORD, startPageWorld, type PageWorld } from '../../support/page-world.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { addInstance, addMall, addRun, addWindow } from '../read-models/ledger-rows.ts';

const DAYS = ['2026-03-01', '2026-03-02'] as const;

const browser = useBrowser();
let world: PageWorld;
let run: number;
let other: number;
/** The way from the browser to the server. */
let way: TcpProxy;

beforeAll(async () => {
  world = await startPageWorld({ users: { otto: 'operator' } });
  way = await startTcpProxy('127.0.0.1', world.port);
  [run, other] = [await addRunning(1), await addRunning(2)];
  return () => way.close();
});

async function addRunning(mallId: number): Promise<number> {
  await addMall(world.test, mallId);
  const instance = await addInstance(world.test, { mallId, days: DAYS });
  await addWindow(world.test, instance, 0, { state: 'OPEN', count_before: 1_000 });
  const claimed = { started_at: 'yesterday', lease_until: 'tomorrow', fence_token: 1 };
  return await addRun(world.test, instance, { ...claimed, status: 'RUNNING' });
}

async function setRead(executionId: number, read: number): Promise<void> {
  await world.test.query('update mallsync.tb_batch_execution_summary set read = $2 where execution_id = $1', [
    executionId,
    read,
  ]);
}

async function visitNow(options: VisitOptions = {}): Promise<Page> {
  const page = await browser.visit(`http://${way.host}:${way.port}`, options);
  await page.goto('/sign-in?next=/now');
  await page.locator('[name=name]').fill('otto');
  await page.locator('[name=password]').fill(PASSWORD);
  await page.locator('[name=password]').press('Enter');
  await page.waitForURL('**/now');
  return page;
}

function rowOf(page: Page, executionId: number): ReturnType<Page['locator']> {
  return page.locator(`#run-${executionId}`);
}

describe('the page of what runs now', () => {
  it('is kept up while it is open, and what has the focus keeps it', async () => {
    const page = await visitNow();
    await page.getByText('Live', { exact: true }).waitFor();
    const stop = page.getByRole('link', { name: `Stop run ${run}` });
    await stop.focus();
    await setRead(run, 567);
    await rowOf(page, run).getByText('567', { exact: true }).waitFor();
    expect(await stop.evaluate((element) => element.ownerDocument.activeElement === element)).toBe(true);
  });

  it('leaves a text that is being marked alone until it no longer is', async () => {
    const page = await visitNow();
    await page.getByText('Live', { exact: true }).waitFor();
    await rowOf(page, run).getByText('Members').selectText();
    await setRead(run, 601);
    await setRead(other, 602);
    await rowOf(page, other).getByText('602', { exact: true }).waitFor();
    expect(await rowOf(page, run).getByText('601', { exact: true }).count()).toBe(0);
    await page.getByRole('heading', { name: 'Now' }).click();
    await setRead(other, 603);
    await rowOf(page, run).getByText('601', { exact: true }).waitFor();
  });

  it('says when the connection is lost, and recovers by itself', async () => {
    const page = await visitNow({ expectedTroubles: /net::ERR_/ });
    await page.getByText('Live', { exact: true }).waitFor();
    await way.cut();
    await page.getByText('Connection lost').waitFor();
    await setRead(run, 701);
    await way.mend();
    await rowOf(page, run).getByText('701', { exact: true }).waitFor();
    expect(await page.locator('[data-live-word]').textContent()).toBe('Live');
  });

  it('leads to the sign-in page when its visitor is signed out elsewhere', async () => {
    const page = await visitNow({ expectedTroubles: /401/ });
    await page.getByText('Live', { exact: true }).waitFor();
    const elsewhere = await browser.visit(`http://${way.host}:${way.port}`, { cookiesOf: page });
    await elsewhere.goto('/runs');
    await elsewhere.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in?next=%2Fnow');
    expect(await page.locator('main').textContent()).not.toContain('Mall 1');
  });

  it('tells of a moment, with a link that gets it anew, where scripts are off', async () => {
    const page = await visitNow({ scripts: false });
    await page.getByText(/^As of \d\d:\d\d:\d\d KST$/).waitFor();
    await setRead(run, 801);
    expect(await rowOf(page, run).getByText('801', { exact: true }).count()).toBe(0);
    await page.getByRole('link', { name: 'Refresh' }).click();
    await rowOf(page, run).getByText('801', { exact: true }).waitFor();
  });

  it('speaks Korean', async () => {
    const page = await visitNow({ locale: 'ko-KR' });
    await page.getByText('실시간', { exact: true }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('현재');
  });
});
