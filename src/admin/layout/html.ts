import { html } from 'hono/html';

/** Text in which every value was escaped. */
export type Html = ReturnType<typeof html>;

export const NOTHING: Html = html``;
