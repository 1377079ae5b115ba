import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDaysBefore } from '../../../src/domain/period.ts';
import { DAY_MS, startOfSeoulDay, toSeoulDay } from '../../../src/domain/seoul-time.ts';
import { useBrowser } from '../../support/browser.ts';
import { createBrowserWorld, findMallId, signIn, type BrowserWorld } from '../../support/browser-world.ts';
import { buildMall } from '../../support/simulated-malls.ts';
import { mendTwo, SPOILT_MALL, SPOILT_ROWS, TROUBLED } from '../../support/troubled-night.ts';

const browser = useBrowser();
let world: BrowserWorld;
beforeAll(async () => {
  world = await createBrowserWorld();
}, 400_000);

/** The row of a table that speaks of this mall and this, in whatever columns. */
function findRow(page: Page, ...words: readonly string[]) {
  let row = page.getByRole('row');
  for (const word of words) row = row.filter({ hasText: word });
  return row;
}

/** How long Cafe24 takes for each answer about the two malls that are mended. */
function setLatency(latencyMs: number): void {
  for (const mall of ['countmall', 'shapemall']) world.simulator.control.changeBehaviour(mall, { latencyMs });
}

/** How often the whole document was loaded anew; live updates need none. */
function countLoads(page: Page): () => number {
  let loads = 0;
  page.on('domcontentloaded', () => (loads += 1));
  return () => loads;
}

describe('an operator on call', () => {
  it('signs in, is led to the page asked for, and signs out again', async () => {
    const page = await browser.visit(world.url, { expectedTroubles: /401/ });
    await page.goto('/malls?active=1');
    await expect.poll(() => new URL(page.url()).pathname).toBe('/sign-in');
    await page.getByLabel('Name').fill('operator');
    await page.getByLabel('Password').fill('not this one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Name or password is wrong.').waitFor();
    await signIn(page, 'operator', '/malls?active=1');
    expect(page.url()).toBe(`${world.url}/malls?active=1`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto('/runs');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
  });

  it('sees at a glance which malls failed last night, and why', async () => {
    const page = await browser.visit(world.url);
    await signIn(page, 'viewer');
    await page.getByRole('heading', { name: /^Last night: / }).waitFor();
    await page.getByRole('link', { name: /^failed\s*5\b/i }).waitFor();
    for (const { reason, cafe24MallId } of TROUBLED) {
      await page.getByRole('link', { name: `1 mall: ${reason}` }).click();
      await findRow(page, cafe24MallId, reason).first().waitFor();
      expect(await page.getByRole('row').filter({ hasText: 'mall' }).filter({ hasNotText: cafe24MallId }).count()).toBe(
        1,
      );
      await page.goBack();
    }
  });

  it('runs two of the five again after a look at what will happen, and watches them finish', async () => {
    mendTwo(world.simulator.control);
    const page = await browser.visit(world.url);
    await signIn(page, 'operator');
    await findRow(page, 'Miscounted Orders', 'IncompleteRead').getByRole('checkbox').check();
    await findRow(page, 'Odd Sales', 'UpstreamContract').getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Run the chosen again' }).click();
    await page.getByRole('heading', { name: 'Run again', level: 1 }).waitFor();
    await findRow(page, 'Miscounted Orders', 'to be started').waitFor();
    await findRow(page, 'Odd Sales', 'to be started').waitFor();
    setLatency(2_500);
    const loads = countLoads(page);
    await page.getByRole('button', { name: 'Start 2 runs' }).click();
    await page.waitForURL(/\/requests\//);
    await findRow(page, 'Miscounted Orders', 'started').waitFor();
    setLatency(0);
    await findRow(page, 'Miscounted Orders', 'completed').waitFor();
    await findRow(page, 'Odd Sales', 'completed').waitFor();
    expect(loads()).toBe(1);
    await page.getByRole('link', { name: 'Runs', exact: true }).first().click();
    await page.getByRole('link', { name: /^failed\s*3\b/i }).waitFor();
  });

  it('replays one group of rejected rows once their cause is mended', async () => {
    const { startDate, endDate } = buildDaysBefore(Date.now(), 1);
    world.simulator.control.editRows(SPOILT_MALL, { op: 'heal', domainType: 'MEMBER', startDate, endDate });
    const page = await browser.visit(world.url);
    await signIn(page, 'operator', '/runs?status=COMPLETED_WITH_REJECTS');
    await findRow(page, 'Spoilt Rows').getByRole('rowheader').getByRole('link').click();
    await page.getByText(`${SPOILT_ROWS} rows`).first().waitFor();
    await page.getByRole('button', { name: 'Replay this group' }).click();
    await page.waitForURL(/\/requests\//);
    await findRow(page, 'Spoilt Rows', 'completed').waitFor();
    const mallId = await findMallId(world.database, SPOILT_MALL);
    const open = `select 1 from mallsync.tb_batch_error_log where status = 'OPEN' and mall_id = $1`;
    expect(await world.database.query(open, [mallId])).toHaveLength(0);
    await page.goto(`/malls/${mallId}/coverage/MEMBER?month=${startDate.slice(0, 7)}`);
    await page.getByRole('cell', { name: new RegExp(`Runs of ${startDate.slice(0, 10)}.*complete`) }).waitFor();
  });

  it('runs a range of days that the calendar shows as missing', async () => {
    const mallId = await findMallId(world.database, 'teamall');
    const day = toSeoulDay(startOfSeoulDay(Date.now()) - 3 * DAY_MS);
    const page = await browser.visit(world.url);
    await signIn(page, 'operator', `/malls/${mallId}/coverage/MEMBER?month=${day.slice(0, 7)}`);
    expect(await page.getByRole('cell', { name: /missing/ }).count()).toBeGreaterThan(0);
    const holes = page.getByRole('table', { name: 'Missing ranges of this month' });
    await holes
      .getByRole('link', { name: /Run this/ })
      .last()
      .click();
    await page.getByRole('heading', { name: 'New run' }).waitFor();
    await page.getByRole('button', { name: 'Show what would happen' }).click();
    await page.getByRole('button', { name: /^Start 1 run$/ }).click();
    await page.waitForURL(/\/requests\//);
    await findRow(page, 'Tea House', 'completed').waitFor();
    await page.goto(`/malls/${mallId}/coverage/MEMBER?month=${day.slice(0, 7)}`);
    await page.getByRole('cell', { name: new RegExp(`Runs of ${day}.*complete`) }).waitFor();
  });

  it('reads the page in Korean, and goes back to English', async () => {
    const page = await browser.visit(world.url, { locale: 'ko-KR' });
    await signIn(page, 'viewer', '/runs?sort=newest');
    await page.getByRole('heading', { name: '실행 내역', level: 1 }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
    await page.getByRole('button', { name: '한국어', pressed: true }).waitFor();
    await page.getByRole('button', { name: 'English', pressed: false }).click();
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
    expect(page.url()).toBe(`${world.url}/runs?sort=newest`);
    await page.goto('/malls');
    await page.getByRole('heading', { name: 'Malls', level: 1 }).waitFor();
    await page.getByRole('button', { name: '한국어' }).click();
    await page.getByRole('heading', { name: '쇼핑몰', level: 1 }).waitFor();
  });
});

describe('an admin', () => {
  it('adds a mall, gets its consent from Cafe24, and sees it read', async () => {
    const mall = buildMall('freshmall', { name: 'Fresh Start' });
    world.simulator.control.addMall(mall);
    const page = await browser.visit(world.url);
    await signIn(page, 'admin', '/malls');
    await page.getByRole('link', { name: 'Add a mall' }).click();
    await page.getByLabel('Our number').fill('77');
    await page.getByLabel('Cafe24 id').fill('freshmall');
    await page.getByLabel('Name', { exact: true }).fill('Fresh Start');
    await page.getByLabel('Members').check();
    await page.getByLabel('Client id').fill(mall.clientId);
    await page.getByLabel('Client secret').fill(mall.clientSecret);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Fresh Start', level: 1 }).waitFor();
    await page.getByText('needs consent').first().waitFor();
    await page.getByRole('button', { name: 'Authorize at Cafe24' }).click();
    await page.getByText('The mall is authorized.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/malls/77');
    const [credential] = await world.database.query<{ state: string; has_token: boolean }>(
      'select state, refresh_token is not null as has_token from mallsync.tb_mall_credential where mall_id = 77',
    );
    expect(credential).toEqual({ state: 'ACTIVE', has_token: true });
    await page.getByRole('link', { name: 'New run' }).last().click();
    const { startDate } = buildDaysBefore(Date.now(), 1);
    await page.getByLabel('Domain', { exact: true }).selectOption('Members');
    await page.getByLabel('Period from').fill(startDate);
    await page.getByLabel('Period until').fill(startDate.replace('T00:00:00', 'T23:59:59'));
    await page.getByRole('button', { name: 'Show what would happen' }).click();
    await page.getByRole('button', { name: /^Start 1 run$/ }).click();
    await findRow(page, 'Fresh Start', 'completed').waitFor();
  });
});

describe('with scripts off', () => {
  it('everything but the live updates is there: sign in, filter, preview, start, see what came of it', async () => {
    const page = await browser.visit(world.url, { scripts: false });
    await signIn(page, 'operator');
    await page.getByLabel('Search').fill('booksmall');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await findRow(page, 'Corner Books', 'Orders').getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Run the chosen again' }).click();
    await page.getByRole('link', { name: 'Read it all again' }).click();
    await page.getByLabel('Reason').fill('the shop corrected its orders');
    await page.getByRole('button', { name: 'Start 1 run' }).click();
    await page.waitForURL(/\/requests\//);
    await expect
      .poll(
        async () => {
          await page.reload();
          return await findRow(page, 'Corner Books').innerText();
        },
        { timeout: 20_000 },
      )
      .toMatch(/completed/);
    await page.getByRole('link', { name: /^Run \d+$/ }).click();
    await page.getByText('the shop corrected its orders').first().waitFor();
    await page.getByRole('button', { name: '한국어' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  });
});
