import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

const SCRIPT = readFileSync(new URL('browser-in-page.js', import.meta.url), 'utf8');

export interface TabStop {
  readonly id: string;
  /** What kind of element, and its name as it is read out. */
  readonly label: string;
  readonly isFocusVisible: boolean;
  readonly isOnScreen: boolean;
}

interface InPage {
  leaveFocus: () => void;
  readFocused: () => TabStop | null;
  listControls: () => readonly string[];
  isFocusInMain: () => boolean;
  listOverflow: () => readonly string[];
  readShift: () => number;
  waitForChanges: (wanted: number) => void;
}

/** Calls one of the functions of browser-in-page.js inside the page. */
export async function callInPage<Name extends keyof InPage>(
  page: Page,
  name: Name,
  ...args: Parameters<InPage[Name]>
): Promise<ReturnType<InPage[Name]>> {
  const once = `if (globalThis.inPage === undefined) {${SCRIPT}}`;
  return await page.evaluate<ReturnType<InPage[Name]>>(`${once}; inPage.${name}(...${JSON.stringify(args)})`);
}

/** Goes through the page with the Tab key from its top to its end. @throws when the end is not reached */
export async function listTabStops(page: Page, limit = 300): Promise<readonly TabStop[]> {
  const stops: TabStop[] = [];
  await callInPage(page, 'leaveFocus');
  while (stops.length < limit) {
    await page.keyboard.press('Tab');
    const stop = await callInPage(page, 'readFocused');
    if (stop === null) return stops;
    // the parts of a date are stops of their own inside one element
    if (stop.id === stops.at(-1)?.id) continue;
    if (stops.some(({ id }) => id === stop.id)) return stops;
    stops.push(stop);
  }
  throw new Error(`more than ${limit} tab stops: ${stops.map(({ label }) => label).join(', ')}`);
}
