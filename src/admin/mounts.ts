import type { AdminContext } from './context.ts';
import type { AdminApp } from './env.ts';

type Mount = (app: AdminApp, context: AdminContext) => void;

/** The parts of the page, each with its own routes. */
export const MOUNTS: readonly Mount[] = [];
