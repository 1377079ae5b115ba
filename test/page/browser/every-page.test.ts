import { beforeAll, describe, expect, it } from 'vitest';
import { listViolations } from '../../support/browser-accessibility.ts';
import { callInPage } from '../../support/browser-in-page.ts';
import { PHONE } from '../../support/browser-sizes.ts';
import { useBrowser } from '../../support/browser.ts';
import { ask, createBrowserWorld, signIn, type BrowserWorld } from '../../support/browser-world.ts';
import { listFaults, listPages, type NamedPage } from './pages.ts';

const browser = useBrowser();
let world: BrowserWorld;
let pages: readonly NamedPage[];
beforeAll(async () => {
  world = await createBrowserWorld();
  pages = await listPages(world);
}, 400_000);

describe('every page', () => {
  it('has nothing that axe objects to', { timeout: 240_000 }, async () => {
    const page = await browser.visit(world.url);
    await page.goto('/sign-in');
    expect(await listViolations(page)).toEqual([]);
    await signIn(page, 'admin');
    expect(await listFaults(page, pages, () => listViolations(page))).toEqual({});
  });

  it('fits a phone without scrolling sideways', { timeout: 120_000 }, async () => {
    const page = await browser.visit(world.url, { size: PHONE });
    await signIn(page, 'admin');
    expect(await listFaults(page, pages, () => callInPage(page, 'listOverflow'))).toEqual({});
  });
});

describe('a page that is kept up', () => {
  it('does not move while its figures change', { timeout: 120_000 }, async () => {
    // a month in pages of one row, one every fraction of a second
    world.simulator.control.changeBehaviour('booksmall', { latencyMs: 150 });
    await ask(world, { cafe24MallId: 'booksmall', days: ['2025-10-01', '2025-10-31'], pageSize: 1 });
    const page = await browser.visit(world.url);
    await signIn(page, 'viewer', '/now');
    await page.getByRole('row').filter({ hasText: 'Corner Books' }).first().waitFor();
    await callInPage(page, 'waitForChanges', 2);
    const before = await callInPage(page, 'readShift');
    await callInPage(page, 'waitForChanges', 8);
    expect((await callInPage(page, 'readShift')) - before).toBe(0);
  });
});
