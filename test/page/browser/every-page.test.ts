import { beforeAll, describe, expect, it } from 'vitest';
import { listViolations } from '../../support/browser-accessibility.ts';
import { callInPage } from '../../support/browser-in-page.ts';
import { PHONE } from '../../support/browser-sizes.ts';
import { useBrowser, type VisitOptions } from '../../support/browser.ts';
import { createBrowserWorld, signIn, type BrowserWorld } from '../../support/browser-world.ts';
import { listPages, type NamedPage } from './pages.ts';

const browser = useBrowser();
let world: BrowserWorld;
let pages: readonly NamedPage[];
beforeAll(async () => {
  world = await createBrowserWorld();
  pages = await listPages(world);
}, 400_000);

describe('every page', () => {
  it.each([
    ['in light colours', { colorScheme: 'light', locale: 'en-US' }],
    ['in dark colours and Korean', { colorScheme: 'dark', locale: 'ko-KR' }],
  ] as const)('has nothing that axe objects to, %s', { timeout: 180_000 }, async (_, options: VisitOptions) => {
    const page = await browser.visit(world.url, options);
    await signIn(page, 'admin');
    const found: Record<string, readonly string[]> = {};
    for (const { name, path } of pages) {
      await page.goto(path);
      const violations = await listViolations(page);
      if (violations.length > 0) found[name] = violations;
    }
    expect(found).toEqual({});
  });

  it('fits a phone without scrolling sideways', { timeout: 60_000 }, async () => {
    const page = await browser.visit(world.url, { size: PHONE });
    await signIn(page, 'admin');
    const found: Record<string, readonly string[]> = {};
    for (const { name, path } of pages) {
      await page.goto(path);
      const overflow = await callInPage(page, 'listOverflow');
      if (overflow.length > 0) found[name] = overflow;
    }
    expect(found).toEqual({});
  });
});
