export const LANGS = ['en', 'ko'] as const;
export type Lang = (typeof LANGS)[number];

export function isLang(value: string): value is Lang {
  return (LANGS as readonly string[]).includes(value);
}

/** The first language of an Accept-Language header that the page speaks, by its weights; English where there is none. */
export function chooseLang(acceptLanguage: string | undefined): Lang {
  const wishes = (acceptLanguage ?? '').slice(0, 500).split(',').map(toWish);
  wishes.sort((a, b) => b.weight - a.weight);
  for (const { tag, weight } of wishes) {
    if (weight > 0 && isLang(tag)) return tag;
  }
  return 'en';
}

function toWish(text: string): { readonly tag: string; readonly weight: number } {
  const [range = '', ...parameters] = text.trim().toLowerCase().split(';');
  const quality = parameters.map((each) => /^\s*q=([\d.]{1,5})$/.exec(each)?.[1]).find((each) => each !== undefined);
  return { tag: range.split('-', 1)[0] ?? '', weight: quality === undefined ? 1 : Number(quality) || 0 };
}
