import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { DESKTOP, PHONE } from '../../support/browser-sizes.ts';

export interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly locale: 'en-US' | 'ko-KR';
  readonly size: { readonly width: number; readonly height: number };
}

export const LIGHT: Look = { colorScheme: 'light', locale: 'en-US', size: DESKTOP };
export const DARK: Look = { ...LIGHT, colorScheme: 'dark' };
export const KOREAN: Look = { ...LIGHT, locale: 'ko-KR' };
export const ON_PHONE: Look = { ...LIGHT, size: PHONE };

/** What the repository has room for. */
const LARGEST_BYTES = 150_000;

export interface Camera {
  /** Opens an address, does what `prepare` says, and keeps the picture under that name. */
  take(name: string, path: string, look?: Look, prepare?: (page: Page) => Promise<void>): Promise<void>;
}

/** Pictures of what stands above the fold, one PNG each. @throws when one is larger than the repository has room for */
export function createCamera(browser: Browser, baseURL: string, folder: string): Camera {
  return {
    async take(name, path, look = LIGHT, prepare = async () => {}) {
      const { colorScheme, locale, size } = look;
      const context = await browser.newContext({
        baseURL,
        colorScheme,
        locale,
        viewport: size,
        reducedMotion: 'reduce',
      });
      try {
        const page = await context.newPage();
        await page.goto(path);
        await prepare(page);
        await mkdir(folder, { recursive: true });
        const file = join(folder, `${name}.png`);
        await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
        const { size: bytes } = await stat(file);
        process.stdout.write(`${file} ${Math.round(bytes / 1000)} kB\n`);
        if (bytes > LARGEST_BYTES) throw new Error(`${file} has ${bytes} bytes, more than ${LARGEST_BYTES}`);
      } finally {
        await context.close();
      }
    },
  };
}
