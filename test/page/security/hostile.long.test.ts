import { describeHostileVisitor } from './hostile-visitor.ts';

await describeHostileVisitor([
  `' or 1=1; drop schema mallsync cascade; -- `,
  '"><hostile7>${7*7}',
  '-1',
  '1e400',
  '2025-02-30',
  '../../../etc/passwd',
  '\uD800 %00 %ZZ \u202E \\',
  '[]{}:,"__proto__"',
  '\uFF11\uFF12',
  'x'.repeat(20_000),
]);
