import { expect, it } from 'vitest';
import { chooseLang } from './lang.ts';

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['ko', 'ko'],
  ['ko-KR,ko;q=0.9,en;q=0.8', 'ko'],
  ['en-US,en;q=0.9,ko;q=0.8', 'en'],
  ['fr-FR,ko;q=0.3,en;q=0.2', 'ko'],
  ['ko;q=0,en', 'en'],
  ['ja,zh', 'en'],
  ['*', 'en'],
  [';;;,,,q=', 'en'],
])('of the languages %j the page speaks %s', (header, lang) => {
  expect(chooseLang(header)).toBe(lang);
});
