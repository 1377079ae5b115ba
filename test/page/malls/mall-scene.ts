import { afterAll } from 'vitest';
import { importMalls } from '../../../src/adapters/postgres/import-malls.ts';
import type { AdminContext } from '../../../src/admin/context.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { startSimulator, type Simulator } from '../../../src/simulator/start.ts';
import { createTestDatabase } from '../../support/database.ts';
import { ENCRYPTION_KEYS, startPageWorld, type PageClient, type PageWorld } from '../../support/page-world.ts';
import { buildMall } from '../../support/simulated-malls.ts';

export interface MallScene {
  readonly world: PageWorld;
  readonly simulator: Simulator;
  readonly admin: PageClient;
  readonly operator: PageClient;
  readonly viewer: PageClient;
}

export interface MallSceneOptions {
  readonly clock?: AdminContext['clock'];
  /** What the page takes for Cafe24, given the simulator's own address. */
  readonly toCafe24Url?: (cafe24Url: string) => Promise<string>;
}

/** Malls with a client and no token: each still has to consent. */
export async function createMallScene(
  cafe24MallIds: readonly string[],
  { clock = systemClock, toCafe24Url = (url) => Promise.resolve(url) }: MallSceneOptions = {},
): Promise<MallScene> {
  const simulator = await startSimulator({ malls: cafe24MallIds.map((id) => buildMall(id)) });
  afterAll(() => simulator.stop());
  const database = await createTestDatabase();
  const world = await startPageWorld({
    users: { adam: 'admin', abel: 'admin', otto: 'operator', vera: 'viewer' },
    database,
    context: { cafe24Url: await toCafe24Url(simulator.cafe24Url), clock },
  });
  const malls = cafe24MallIds.map((cafe24MallId, index) => ({
    mallId: index + 1,
    cafe24MallId,
    name: `The ${cafe24MallId}`,
    clientId: `client-${cafe24MallId}`,
    clientSecret: `secret-${cafe24MallId}`,
  }));
  if (malls.length > 0) await importMalls(world.database, malls, { encryptionKeys: ENCRYPTION_KEYS, isForced: false });
  const [admin, operator, viewer] = await Promise.all(['adam', 'otto', 'vera'].map((name) => world.signIn(name)));
  if (admin === undefined || operator === undefined || viewer === undefined) throw new Error('nobody signed in');
  return { world, simulator, admin, operator, viewer };
}

/** A clock that stands at that instant for whoever asks for the time. */
export function buildClockAt(nowMs: number): AdminContext['clock'] {
  return { ...systemClock, nowMs: () => nowMs };
}

export interface AuditRow {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
}

/** The newest first. */
export async function listAudit({ world }: MallScene): Promise<readonly AuditRow[]> {
  return await world.test.query<AuditRow & Record<string, unknown>>(
    'select actor, action, target, outcome from mallsync.tb_audit_log order by audit_id desc',
  );
}
