import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const REQUEST_BOUNDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** One HTTP request to the API server, as a transport tells of it. */
export interface ApiRequest {
  readonly verb: string;
  readonly method: string;
  readonly host: string;
  /** The HTTP status, or `<error>` where there was none. */
  readonly code: string;
  readonly seconds: number;
}

export interface ApiObserver {
  onRequest(request: ApiRequest): void;
  onConnectionOpened(purpose: string): void;
  onConnectionClosed(purpose: string): void;
}

/** The series of the API client, under client-go's names where it has one. */
export function registerApiMetrics(registry: Registry): ApiObserver {
  const registers = [registry];
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'HTTP requests to the API server by status, method and host',
    labelNames: ['code', 'method', 'host'],
    registers,
  });
  const duration = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'How long the API server took to answer, by method and host',
    labelNames: ['verb', 'host'],
    buckets: REQUEST_BOUNDS,
    registers,
  });
  const open = new Gauge({
    name: 'mallsync_api_connections',
    help: 'Open connections to the API server',
    labelNames: ['purpose'],
    registers,
  });
  const opened = new Counter({
    name: 'mallsync_api_connections_opened_total',
    help: 'Connections to the API server that were opened',
    labelNames: ['purpose'],
    registers,
  });
  return {
    onRequest({ verb, method, host, code, seconds }) {
      requests.inc({ code, method, host });
      // as client-go has it: its latency leaves watches out, and what it calls a verb is the method
      if (verb !== 'watch') duration.observe({ verb: method, host }, seconds);
    },
    onConnectionOpened(purpose) {
      open.inc({ purpose });
      opened.inc({ purpose });
    },
    onConnectionClosed: (purpose) => open.dec({ purpose }),
  };
}
