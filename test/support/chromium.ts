import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

const PLACES = [
  process.env['MALLSYNC_TEST_CHROME'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Null when no browser is installed. */
export function findChromium(): string | null {
  return PLACES.find((place) => place !== undefined && existsSync(place)) ?? null;
}

/**
 * The tests that are left out here, and said so, since no browser is installed: none with CI=true, where they fail
 * instead.
 */
export function listLeftOutWithoutBrowser(): readonly string[] {
  if (findChromium() !== null || process.env['CI'] === 'true') return [];
  process.stderr.write(
    'LEFT OUT: test/page/browser, since neither Chromium nor Chrome is installed; MALLSYNC_TEST_CHROME may name one\n',
  );
  return ['test/page/browser/**'];
}

/** @throws when no browser is installed */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) {
    throw new Error('no browser: install Chromium or Chrome, or name one in MALLSYNC_TEST_CHROME');
  }
  // not for those who only ask whether there is one
  const { chromium } = await import('playwright-core');
  return await chromium.launch({
    executablePath,
    headless: true,
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
