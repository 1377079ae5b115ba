import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { launchChromium } from '../../support/chromium.ts';
import { DEFAULT_VARIABLES, fillVariables, listPanelQueries, MAIN_PANELS } from '../../support/dashboard-queries.ts';
import type { NightScene } from './night-scene.ts';

/** What the repository has room for. */
const LARGEST_BYTES = 150_000;
/** The one that Debian's package has. */
const GRAPH_PAGE = '/classic/graph';
/** Shares of a whole. */
const STACKED: readonly string[] = ['Malls of the night', 'Failed malls by reason', 'Runs by reason', 'Stale malls'];
const SIZE = { width: 1_100, height: 1_250 };

/**
 * A picture of each main panel's first query in Prometheus' own graph page.
 * @returns the files. @throws when one shows an error or no data, or is larger than the repository has room for
 */
export async function takePictures(scene: NightScene, folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const browser = await launchChromium();
  try {
    const files: string[] = [];
    for (const panel of MAIN_PANELS) {
      const file = join(folder, `metrics-${toFileName(panel.panel)}.png`);
      const page = await browser.newPage({ viewport: SIZE, reducedMotion: 'reduce' });
      await page.goto(toGraphUrl(scene, panel));
      // the page has no legend where it has no data
      await page.locator('#graph_wrapper0 .legend .line').first().waitFor();
      const error = await page.locator('#graph_wrapper0 .error').textContent();
      if (error !== '') throw new Error(`${panel.panel} shows an error: ${error}`);
      await page.locator('#graph_wrapper0').screenshot({ path: file, animations: 'disabled', caret: 'hide' });
      await page.close();
      const { size } = await stat(file);
      process.stdout.write(`${file} ${Math.round(size / 1_000)} kB\n`);
      if (size > LARGEST_BYTES) throw new Error(`${file} has ${size} bytes, more than ${LARGEST_BYTES}`);
      files.push(file);
    }
    return files;
  } finally {
    await browser.close();
  }
}

function toGraphUrl(scene: NightScene, { dashboard, panel }: (typeof MAIN_PANELS)[number]): string {
  const query = listPanelQueries().find((each) => each.dashboard === dashboard && each.panel === panel);
  if (query === undefined) throw new Error(`${dashboard} has no panel ${panel}`);
  const toMs = Date.now();
  const expr = fillVariables(query.expr, {
    fromMs: scene.beginsMs,
    toMs,
    stepSeconds: 60,
    variables: { ...DEFAULT_VARIABLES, mall: '1', page: scene.pageUrl },
  });
  const url = new URL(GRAPH_PAGE, scene.prometheus.url);
  const seconds = Math.ceil((toMs - scene.beginsMs) / 1_000);
  url.search = new URLSearchParams({
    'g0.expr': expr,
    'g0.tab': '0',
    'g0.stacked': STACKED.includes(panel) ? '1' : '0',
    'g0.range_input': `${seconds}s`,
    'g0.step_input': '2',
  }).toString();
  return url.href;
}

function toFileName(title: string): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}
