import { beforeAll, describe, expect, it } from 'vitest';
import { listViolations } from '../../support/browser-accessibility.ts';
import { callInPage, listTabStops } from '../../support/browser-in-page.ts';
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
  it.each([
    ['in dark colours', { colorScheme: 'dark' }],
    ['in Korean', { locale: 'ko-KR' }],
    ['in Korean and dark colours', { locale: 'ko-KR', colorScheme: 'dark' }],
    ['on a phone', { size: PHONE }],
  ] as const)('has nothing that axe objects to, %s', { timeout: 300_000 }, async (_, options) => {
    const page = await browser.visit(world.url, options);
    await page.goto('/sign-in');
    expect(await listViolations(page)).toEqual([]);
    await signIn(page, 'admin');
    expect(await listFaults(page, pages, () => listViolations(page))).toEqual({});
  });

  it('fits a phone without scrolling sideways, in Korean too', { timeout: 120_000 }, async () => {
    const page = await browser.visit(world.url, { size: PHONE, locale: 'ko-KR' });
    await signIn(page, 'admin');
    expect(await listFaults(page, pages, () => callInPage(page, 'listOverflow'))).toEqual({});
  });

  it('does not move while it is loaded, on a slow machine either', { timeout: 240_000 }, async () => {
    const page = await browser.visit(world.url);
    await signIn(page, 'admin');
    const devTools = await page.context().newCDPSession(page);
    await devTools.send('Emulation.setCPUThrottlingRate', { rate: 10 });
    const findShift = async (): Promise<readonly number[]> => {
      const shift = await callInPage(page, 'readShift');
      return shift > 0 ? [shift] : [];
    };
    expect(await listFaults(page, pages, findShift)).toEqual({});
  });

  it('is reached with the keyboard in all its parts, the focus always seen', { timeout: 240_000 }, async () => {
    const page = await browser.visit(world.url);
    await signIn(page, 'admin');
    const findTrouble = async (): Promise<readonly string[]> => {
      const stops = await listTabStops(page);
      const controls = await callInPage(page, 'listControls');
      const unreached = controls.filter((id) => !stops.some((stop) => stop.id === id));
      return [
        ...unreached.map((id) => `not reached: ${id}`),
        ...stops.filter(({ isFocusVisible }) => !isFocusVisible).map(({ label }) => `no focus seen: ${label}`),
        ...stops.filter(({ isOnScreen }) => !isOnScreen).map(({ label }) => `off the screen: ${label}`),
      ];
    };
    expect(await listFaults(page, pages, findTrouble)).toEqual({});
  });

  it('begins with a link that skips the navigation', { timeout: 120_000 }, async () => {
    const page = await browser.visit(world.url);
    await signIn(page, 'admin');
    const findTrouble = async (): Promise<readonly string[]> => {
      await page.keyboard.press('Tab');
      await page.getByRole('link', { name: 'Skip to content', exact: true }).press('Enter');
      await page.keyboard.press('Tab');
      return (await callInPage(page, 'isFocusInMain')) ? [] : ['the focus is not in the content'];
    };
    expect(await listFaults(page, pages, findTrouble)).toEqual({});
  });
});

describe('a page that is kept up', () => {
  it('does not move while its figures change, on a phone', { timeout: 120_000 }, async () => {
    // a month in pages of one row, one every fraction of a second
    world.simulator.control.changeBehaviour('booksmall', { latencyMs: 150 });
    await ask(world, { cafe24MallId: 'booksmall', days: ['2025-08-01', '2025-08-31'], pageSize: 1 });
    const page = await browser.visit(world.url, { size: PHONE });
    await signIn(page, 'viewer', '/now');
    await page.getByRole('row').filter({ hasText: 'Corner Books' }).first().waitFor();
    await callInPage(page, 'waitForChanges', 2);
    const before = await callInPage(page, 'readShift');
    await callInPage(page, 'waitForChanges', 8);
    expect((await callInPage(page, 'readShift')) - before).toBe(0);
  });
});
