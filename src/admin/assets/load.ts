import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { AdminApp } from '../env.ts';

const FOLDER = new URL('.', import.meta.url);

interface Asset {
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

/** `app` first, then each part's own file: one style sheet, one script, one icon. */
function loadAssets(): readonly Asset[] {
  return [
    { path: '/assets/app.css', contentType: 'text/css; charset=utf-8', body: joinFiles('.css') },
    { path: '/assets/app.js', contentType: 'text/javascript; charset=utf-8', body: joinFiles('.js') },
    { path: '/assets/icon.svg', contentType: 'image/svg+xml', body: joinFiles('.svg') },
  ];
}

function joinFiles(ending: string): string {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(ending));
  const sorted = names.sort((a, b) => Number(b.startsWith('app.')) - Number(a.startsWith('app.')) || (a < b ? -1 : 1));
  return sorted.map((name) => readFileSync(new URL(name, FOLDER), 'utf8')).join('\n');
}

/** Open to all. A browser asks each time whether its copy still holds, so that none outlives an upgrade. */
export function mountAssets(app: AdminApp): void {
  for (const { path, contentType, body } of loadAssets()) {
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 20)}"`;
    app.get(path, (c) => {
      c.header('ETag', etag);
      c.header('Cache-Control', 'no-cache');
      if (c.req.header('if-none-match') === etag) return c.body(null, 304);
      return c.body(body, 200, { 'Content-Type': contentType });
    });
  }
}
