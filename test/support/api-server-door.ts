/** An object as the API server gives it; tests look at single fields of it. */
// oxlint-disable-next-line typescript/no-explicit-any
export type KubeObject = any;

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** The tests' own door to an API server: it shares nothing with the program's. Rejects with ApiServerError. */
export interface ApiServerClient {
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  /** One that the server is too busy for is sent again, `tries` times in all (default 50, 100 ms apart). */
  request(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    contentType?: string,
    tries?: number,
  ): Promise<KubeObject>;
  /** Ends when the server ends it or `signal` fires. */
  watch(path: string, resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent>;
  /** Everything in the collection, then each change, over all breaks; ends with `signal` only. */
  follow(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent>;
  /** What `kubectl get` prints of the path, `-o wide` columns included: a record of its columns for each row. */
  readTable(path: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}
