import { describeHostileVisitor } from './hostile-visitor.ts';

await describeHostileVisitor([
  `"'><hostile7 onload=alert(1)></script>{{7*7}}; drop schema mallsync cascade; -- /*`,
  'nul\u0000nul',
  '9223372036854775808',
  'a\r\nSet-Cookie: hostile7=1\r\n\r\n<hostile7>',
]);
