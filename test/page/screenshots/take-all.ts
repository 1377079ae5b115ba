import type { Page } from 'playwright-core';
import { DAY_MS, toSeoulDay } from '../../../src/domain/seoul-time.ts';
import type { Camera } from './take.ts';
import { DARK, KOREAN, ON_PHONE } from './take.ts';

/** Malls of the demo: one whose consent is lost, one with rows that cannot be stored. */
const [LOST, SPOILT] = [9, 8];

/** The main pages in the light, and some as they look elsewhere; in the order of a visit to the demo. */
export async function takeAll(camera: Camera, url: string): Promise<void> {
  const failed = await listRuns(url, 'status=FAILED');
  const [lost] = await listRuns(url, `mall=${LOST}&domain=ORDER`);
  const [spoilt] = await listRuns(url, `mall=${SPOILT}&domain=ORDER`);
  await camera.take('runs', '/runs');
  await camera.take('runs-dark', '/runs', DARK);
  await camera.take('runs-phone', '/runs', ON_PHONE);
  await camera.take('runs-korean', '/runs', KOREAN);
  await camera.take('run', `/runs/${lost}`);
  await camera.take('run-rejected-rows', `/runs/${spoilt}`, undefined, async (page) => {
    await page.getByRole('heading', { name: 'Rejected rows' }).scrollIntoViewIfNeeded();
  });
  await camera.take('run-again', `/runs/again?executions=${failed.join(',')}`);
  await camera.take('request', `/runs/again?executions=${failed.join(',')}`, undefined, async (page) => {
    await page.getByRole('button', { name: /^Start / }).click();
    await page.getByText(new RegExp(`^${failed.length} of ${failed.length} ended`)).waitFor();
  });
  await camera.take('malls', '/malls');
  await camera.take('malls-korean-dark', '/malls', { ...KOREAN, colorScheme: 'dark' });
  await camera.take('mall', `/malls/${LOST}`);
  await camera.take('mall-phone', `/malls/${LOST}`, ON_PHONE);
  await camera.take('coverage', `/malls/${SPOILT}/coverage/ORDER`);
  await camera.take('new-run', toBackFill());
  await camera.take('now', toBackFill(), undefined, startAndWatch);
  await camera.take('now-dark', '/now', DARK, waitUntilLive);
  await camera.take('audit', '/audit');
}

/** A fortnight of every mall, previewed. */
function toBackFill(): string {
  const [start, end] = [16, 2].map((days) => toSeoulDay(Date.now() - days * DAY_MS));
  return `/new?domainType=ORDER&scope=active&start=${start}T00:00:00&end=${end}T00:00:00&pageSize=100&step=preview`;
}

async function startAndWatch(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Start / }).click();
  await page.waitForURL(/\/requests\//);
  await page.goto('/now');
  await page.getByRole('row').filter({ hasText: 'Sample Electro' }).first().waitFor();
  await waitUntilLive(page);
}

async function waitUntilLive(page: Page): Promise<void> {
  await page.getByText('Live', { exact: true }).waitFor();
  // several have read something
  await page
    .getByText(/[1-9][\d,]* of [\d,]+ rows/)
    .nth(4)
    .waitFor();
}

async function listRuns(url: string, query: string): Promise<readonly number[]> {
  const answer = await fetch(`${url}/api/v1/runs?${query}`);
  const { rows } = (await answer.json()) as { readonly rows: readonly { readonly executionId: number }[] };
  return rows.map(({ executionId }) => executionId);
}
