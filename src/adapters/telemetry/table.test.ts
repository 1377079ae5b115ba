import { expect, it } from 'vitest';
import { renderTable } from './table.ts';

it('aligns columns by what a terminal shows of them, Korean names included', () => {
  const text = renderTable(
    [
      { title: 'mall', align: 'left', toCell: ({ name }: { name: string; rows: number }) => name },
      { title: 'rows', align: 'right', toCell: ({ rows }) => String(rows) },
    ],
    [
      { name: '장미', rows: 5 },
      { name: 'rose-shop', rows: 12_345 },
    ],
  );
  expect(text).toBe(['mall        rows', '─────────  ─────', '장미           5', 'rose-shop  12345'].join('\n'));
});
