import { html } from 'hono/html';
import type { Html } from './html.ts';
import type { Tone } from './status.ts';

/** A box that says how something stands; errors are announced at once. */
export function renderNotice(tone: Tone, body: Html | string): Html {
  const role = tone === 'bad' ? 'alert' : 'status';
  return html`<div class="notice notice-${tone}" role="${role}">${body}</div>`;
}
