import type { Html } from '../layout/html.ts';

type Sentence = string | ((...values: never[]) => string | Html);

/** The words of one part of the page, the same keys in each language; a function where a sentence holds values. */
export function defineText<Text extends Readonly<Record<string, Sentence>>>(text: {
  readonly en: Text;
  readonly ko: NoInfer<Text>;
}): { readonly en: Text; readonly ko: Text } {
  return text;
}
