import { mountApi } from './api/routes.ts';
import { mountAudit } from './audit/routes.ts';
import { mountConsent } from './consent/routes.ts';
import type { AdminContext } from './context.ts';
import { mountCoverage } from './coverage/routes.ts';
import type { AdminApp } from './env.ts';
import { mountMalls } from './malls/routes.ts';
import { mountNewRun } from './new-run/routes.ts';
import { mountNow } from './now/routes.ts';
import { mountRun } from './run/routes.ts';
import { mountRuns } from './runs/routes.ts';
import { mountRequests } from './requests/routes.ts';
import { mountRerun } from './rerun/routes.ts';
import { mountRunActs } from './rerun/run-act-routes.ts';

type Mount = (app: AdminApp, context: AdminContext) => void;

/** The parts of the page, each with its own routes. What has a fixed address comes before what takes any number. */
export const MOUNTS: readonly Mount[] = [
  mountRerun,
  mountRunActs,
  mountRequests,
  mountNewRun,
  mountNow,
  mountRuns,
  mountRun,
  mountMalls,
  mountCoverage,
  mountConsent,
  mountAudit,
  mountApi,
];
