import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { DESKTOP } from './browser-sizes.ts';
import { launchChromium } from './chromium.ts';

/** How long anything on a page may take to be seen. */
const PATIENCE_MS = 20_000;

export interface VisitOptions {
  readonly size?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  /** What the browser asks for in Accept-Language. */
  readonly locale?: 'en-US' | 'ko-KR';
  readonly scripts?: boolean;
  /** Console errors and failed requests that belong to the story, such as an answer of 404 that is asked for. */
  readonly expectedTroubles?: RegExp;
  /** The browser's cookies and nothing else go on from another visit. */
  readonly cookiesOf?: Page;
}

export interface TestBrowser {
  /** A visitor of their own: no cookie, no cache; closed when the test ends, which fails when the page had trouble. */
  visit(baseUrl: string, options?: VisitOptions): Promise<Page>;
}

interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly troubles: string[];
}

/** One browser for the calling test file. */
export function useBrowser(): TestBrowser {
  let browser: Browser | undefined;
  const visits: Visit[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async ({ task }) => {
    const ended = visits.splice(0);
    if (task.result?.state === 'fail') await keepPictures(ended, task.name);
    for (const { context } of ended) await context.close();
    expect(ended.flatMap(({ troubles }) => troubles)).toEqual([]);
  });
  afterAll(() => browser?.close());
  return {
    async visit(baseUrl, options = {}) {
      if (browser === undefined) throw new Error('the browser has not started');
      const visit = await openVisit(browser, baseUrl, options);
      visits.push(visit);
      return visit.page;
    },
  };
}

async function openVisit(browser: Browser, baseURL: string, options: VisitOptions): Promise<Visit> {
  const context = await browser.newContext({
    baseURL,
    viewport: options.size ?? DESKTOP,
    colorScheme: options.colorScheme ?? 'light',
    locale: options.locale ?? 'en-US',
    // what the page shows must not follow the visitor's own zone
    timezoneId: 'America/New_York',
    javaScriptEnabled: options.scripts ?? true,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  if (options.cookiesOf !== undefined) await context.addCookies(await options.cookiesOf.context().cookies());
  const page = await context.newPage();
  const troubles: string[] = [];
  const note = (trouble: string): void => {
    if (options.expectedTroubles?.test(trouble) !== true) troubles.push(`${new URL(page.url()).pathname}: ${trouble}`);
  };
  // a breach of the content security policy is a console error too
  page.on('console', (message) => {
    if (message.type() === 'error') note(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('dialog', (dialog) => void dialog.accept());
  page.on('pageerror', (error) => note(`script: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 500) note(`${response.status()} ${response.request().method()} ${response.url()}`);
  });
  return { context, page, troubles };
}

async function keepPictures(visits: readonly Visit[], testName: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mallsync-page-'));
  for (const [index, { page }] of visits.entries()) {
    const path = join(folder, `${index + 1}.png`);
    const isKept = await page.screenshot({ path, fullPage: true }).then(
      () => true,
      () => false,
    );
    if (isKept) process.stderr.write(`\n${testName}: ${page.url()} looked like ${path}\n`);
  }
}
