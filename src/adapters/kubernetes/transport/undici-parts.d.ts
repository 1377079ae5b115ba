/** Undici's pool and connector without the rest of the package: the index also loads fetch, websockets and caches, 13 MB of memory. */
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Pool as PoolType } from 'undici';
  const Pool: typeof PoolType;
  export { Pool as default };
}
declare module 'undici/lib/core/connect.js' {
  import type { buildConnector } from 'undici';
  const connect: typeof buildConnector;
  export { connect as default };
}
