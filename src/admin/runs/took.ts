import { LAYOUT_TEXT } from '../layout/layout-text.ts';
import { toDurationText } from '../layout/time.ts';
import type { Lang } from '../text/lang.ts';

const FINE_BELOW_SECONDS = 10;

/** How long something took; short times to a tenth of a second. */
export function toTookText(seconds: number, view: { readonly lang: Lang }): string {
  if (seconds >= FINE_BELOW_SECONDS) return toDurationText(seconds, view);
  return LAYOUT_TEXT[view.lang].seconds(Number(seconds.toFixed(1)));
}
