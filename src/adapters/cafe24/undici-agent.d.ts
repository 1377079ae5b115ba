/** Undici's agent without the rest of the package: the index also loads fetch, websockets and caches, 13 MB of memory. */
declare module 'undici/lib/dispatcher/agent.js' {
  import type { Agent as AgentType } from 'undici';
  const Agent: typeof AgentType;
  export { Agent as default };
}
