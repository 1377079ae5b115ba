import { html } from 'hono/html';
import type { Visitor } from '../env.ts';
import type { Lang } from '../text/lang.ts';
import { LANGS } from '../text/lang.ts';
import { renderCsrf } from './csrf.ts';
import type { Html } from './html.ts';
import { NOTHING } from './html.ts';
import { LAYOUT_TEXT } from './layout-text.ts';

const LANG_NAMES = { en: 'English', ko: '한국어' } as const;

/** @param back where to go on afterwards */
export function renderLanguages(lang: Lang, back: string, visitor: Visitor | null): Html {
  return html`<form class="langs" method="post" action="/language" aria-label="${LAYOUT_TEXT[lang].language}">
    ${visitor === null ? NOTHING : renderCsrf({ visitor })}<input type="hidden" name="back" value="${back}" />
    ${LANGS.map(
      (each) =>
        html`<button class="lang" name="lang" value="${each}" lang="${each}" aria-pressed="${String(each === lang)}">
          ${LANG_NAMES[each]}
        </button>`,
    )}
  </form>`;
}
