/** One request for one answer. */
export interface KubeCall {
  /** As RBAC and the metrics name it. */
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Default application/json. */
  readonly contentType?: string;
  /** Default 10 s for writes and single reads, 30 s for lists. */
  readonly deadlineMs?: number;
}

export interface KubeWatch {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** No line for so long, bookmarks included, means that the connection is dead. */
  readonly inactivityMs: number;
}

/** The door to one API server. Answers are raw JSON; failures are ClusterErrors. */
export interface KubeClient {
  call(call: KubeCall, signal: AbortSignal): Promise<unknown>;
  /** Resolves when the server has accepted the watch; the iteration ends with the server's end and throws on a break. */
  watch(watch: KubeWatch, signal: AbortSignal): Promise<AsyncIterable<unknown>>;
  close(): Promise<void>;
}
