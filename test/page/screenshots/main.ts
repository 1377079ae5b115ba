/** `npm run screenshots`: the demo in a browser, as somebody new sees it; the pictures go to docs/images. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '../../support/chromium.ts';
import { startProgram } from '../../support/program.ts';
import { takeAll } from './take-all.ts';
import { createCamera } from './take.ts';

const IMAGES = fileURLToPath(new URL('../../../docs/images', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'mallsync-screenshots-'));
const demo = startProgram(['demo', '--folder', folder], { USER: 'operator' });
const browser = await launchChromium();
try {
  const [, url = ''] = await demo.waitForOutput(/(http:\/\/127\.0\.0\.1:\d+)\/?\s[^]*rerun --failed/);
  await takeAll(createCamera(browser, url, IMAGES), url);
} finally {
  await browser.close();
  demo.process.kill('SIGINT');
  await demo.finished;
  await rm(folder, { recursive: true, force: true });
}
