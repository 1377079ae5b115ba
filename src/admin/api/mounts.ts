import { mountAuditApi } from '../audit/api.ts';
import { mountConsentApi } from '../consent/api.ts';
import { mountCoverageApi } from '../coverage/api.ts';
import { mountMallsApi } from '../malls/api.ts';
import { mountNowApi } from '../now/api.ts';
import { mountRequestsApi } from '../requests/api.ts';
import { mountActsApi } from '../rerun/api.ts';
import { mountRunApi } from '../run/api.ts';
import { mountRunsApi } from '../runs/api.ts';
import { mountNightApi } from './night.ts';
import type { ApiMount } from './api-app.ts';

/** Every feature's JSON routes, in the order of the document. */
export const API_MOUNTS: readonly ApiMount[] = [
  mountMallsApi,
  mountCoverageApi,
  mountConsentApi,
  mountNowApi,
  mountNightApi,
  mountRunsApi,
  mountRunApi,
  mountActsApi,
  mountRequestsApi,
  mountAuditApi,
];
