import { html } from 'hono/html';
import { describe, expect, it } from 'vitest';
import { buildFragment, diffFragments } from './fragment.ts';

const list = (title: string, ...rows: readonly (readonly [string, string])[]) =>
  buildFragment(
    'rows',
    html`<div id="rows" title="${title}">
      <table>
        ${rows.map(
          ([id, text]) =>
            html`<tr id="${id}">
              <td>${text}</td>
            </tr>`,
        )}
      </table>
    </div>`,
  );
const idsOf = (fragments: readonly { readonly id: string }[]): readonly string[] => fragments.map(({ id }) => id);

describe('diffFragments', () => {
  it('sends nothing for what stays the same', () => {
    const before = [buildFragment('a', html`<p id="a">1</p>`), list('x', ['r1', 'one'])];
    expect(diffFragments(before, [buildFragment('a', html`<p id="a">1</p>`), list('x', ['r1', 'one'])])).toStrictEqual(
      [],
    );
  });

  it('sends the one element that changed', () => {
    const before = [buildFragment('a', html`<p id="a">1</p>`), buildFragment('b', html`<p id="b">1</p>`)];
    const after = [buildFragment('a', html`<p id="a">1</p>`), buildFragment('b', html`<p id="b">2</p>`)];
    expect(diffFragments(before, after)).toStrictEqual([{ id: 'b', html: '<p id="b">2</p>' }]);
  });

  it('sends only the row that changed', () => {
    const changed = diffFragments([list('x', ['r1', 'one'], ['r2', 'two'])], [list('x', ['r1', 'one'], ['r2', '2'])]);
    expect(idsOf(changed)).toStrictEqual(['r2']);
    expect(changed[0]?.html).toMatch(/^<tr id="r2">\s*<td>2<\/td>\s*<\/tr>$/);
  });

  it.each([
    ['comes', list('x', ['r1', 'one'], ['r2', 'two'], ['r3', 'three'])],
    ['goes', list('x', ['r1', 'one'])],
    ['changes places', list('x', ['r2', 'two'], ['r1', 'one'])],
    ['gives way to another with the same text', list('x', ['r1', 'one'], ['r4', 'two'])],
  ])('sends the whole list when a row %s', (_, after) => {
    expect(idsOf(diffFragments([list('x', ['r1', 'one'], ['r2', 'two'])], [after]))).toStrictEqual(['rows']);
  });

  it('sends the rows that changed in one table and the whole of another', () => {
    const before = [list('x', ['r1', 'one']), { id: 'other', html: '<p id="other">1</p>' }];
    const after = [list('x', ['r1', '1']), { id: 'other', html: '<p id="other">2</p>' }];
    expect(idsOf(diffFragments(before, after))).toStrictEqual(['r1', 'other']);
  });

  it('takes text that looks like a row for text', () => {
    const tricky = '</tr><tr id="r9">';
    expect(idsOf(diffFragments([list('x', ['r1', tricky])], [list('x', ['r1', `${tricky}!`])]))).toStrictEqual(['r1']);
  });

  it('sends the whole list when what stands around the rows changes, even beside a changed row', () => {
    const before = list('x', ['r1', 'one'], ['r2', 'two']);
    expect(idsOf(diffFragments([before], [list('y', ['r1', 'one'], ['r2', 'two'])]))).toStrictEqual(['rows']);
    expect(idsOf(diffFragments([before], [list('y', ['r1', '1'], ['r2', 'two'])]))).toStrictEqual(['rows']);
  });

  it('escapes what comes from outside', () => {
    expect(buildFragment('a', html`<p id="a">${'<script>'}</p>`).html).toBe('<p id="a">&lt;script&gt;</p>');
  });

  it('refuses text that would have to be awaited', () => {
    expect(() => buildFragment('a', html`${Promise.resolve('x')}`)).toThrow('no promise');
  });
});
