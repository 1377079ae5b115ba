import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBrowser } from '../../support/browser.ts';
import { atFileEnd } from '../../support/file-end.ts';
import { startProgram } from '../../support/program.ts';
import { waitOutSeoulMidnight } from '../../support/seoul-midnight.ts';

const browser = useBrowser();
let url: string;

beforeAll(async () => {
  await waitOutSeoulMidnight(400_000);
  const folder = await mkdtemp(join(tmpdir(), 'mallsync-newcomer-'));
  atFileEnd(() => rm(folder, { recursive: true, force: true }));
  const demo = startProgram(['demo', '--folder', join(folder, 'demo')]);
  atFileEnd(async () => {
    demo.process.kill('SIGINT');
    const { exitCode, stderr } = await demo.finished;
    if (exitCode !== 0) throw new Error(`the demo ended with ${exitCode}: ${stderr.slice(-4_000)}`);
  });
  const [, page = ''] = await demo.waitForOutput(/(http:\/\/127\.0\.0\.1:\d+)\/?\s[^]*rerun --failed/);
  url = page;
}, 600_000);

describe('somebody new, at the demo', () => {
  it('finds what failed last night, runs it again, mends what is left, and has the night complete', async () => {
    const page = await browser.visit(url);
    await page.goto('/');
    await page.getByRole('link', { name: /^failed\s*3\b/i }).waitFor();
    await page.getByRole('link', { name: 'Run all that failed again' }).click();
    await page.getByRole('button', { name: /^Start \d+ runs$/ }).click();
    await page.getByText('3 failed or refused').waitFor();
    // the consent is what no re-run brings back
    await page.getByRole('link', { name: 'To the mall' }).first().click();
    await page.getByRole('button', { name: 'Authorize at Cafe24' }).click();
    await page.getByText('The mall is authorized.').waitFor();
    await page
      .getByRole('link', { name: /^Run again what failed/ })
      .first()
      .click();
    await page.getByRole('button', { name: /^Start 3 runs$/ }).click();
    await page.getByText('3 of 3 ended').waitFor();
    await page.goto('/');
    await page.getByRole('link', { name: /^failed\s*0\b/i }).waitFor();
    await page.getByRole('link', { name: /^done\s*12\b/i }).waitFor();
    expect(await page.getByRole('heading', { name: 'Why they failed' }).count()).toBe(0);
  }, 300_000);
});
