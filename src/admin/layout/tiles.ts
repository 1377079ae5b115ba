import { html } from 'hono/html';
import type { Html } from './html.ts';
import { NOTHING } from './html.ts';
import type { Tone } from './status.ts';

export interface Tile {
  readonly label: string;
  readonly value: string | number | Html;
  readonly tone?: Tone;
  readonly note?: string | Html;
  /** Makes the tile a link, e.g. to the list of what it counts. */
  readonly href?: string;
}

/** Figures that are read at one glance. */
export function renderTiles(tiles: readonly Tile[]): Html {
  return html`<ul class="tiles">
    ${tiles.map((tile) => renderTile(tile))}
  </ul>`;
}

function renderTile({ label, value, tone, note, href }: Tile): Html {
  const body = html`<span class="tile-label">${label}</span><span class="tile-value">${value}</span>${
      note === undefined ? NOTHING : html`<span class="tile-note">${note}</span>`
    }`;
  const name = `tile${tone === undefined ? '' : ` tile-${tone}`}`;
  return html`<li class="${name}">
    ${href === undefined ? html`<div class="tile-body">${body}</div>` : html`<a class="tile-body" href="${href}">${body}</a>`}
  </li>`;
}
