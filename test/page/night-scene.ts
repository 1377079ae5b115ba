import { parseSeoulTime } from '../../src/domain/seoul-time.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { ExecutionReport } from '../../src/commands/run/execution-report.ts';
import { openPipeline, type Pipeline, type PipelineMall } from '../support/pipeline.ts';
import type { PageWorld } from '../support/page-world.ts';
import { startPageWorld } from '../support/page-world.ts';

/** The day that the night has read; the page is looked at in the morning after. */
export const NIGHT = '2025-12-01';
const MORNING = '2025-12-02T09:00:00';

export interface NightScene {
  readonly pipeline: Pipeline;
  readonly world: PageWorld;
  readonly malls: Readonly<Record<'calm' | 'lost' | 'gone' | 'spoilt' | 'unread', PipelineMall>>;
  readonly runs: Readonly<Record<'calm' | 'lost' | 'gone' | 'spoilt', number>>;
}

/** A night of five malls read by the real program: one in full, one with rejected rows, two without consent, one not at all. */
export async function openNightScene(): Promise<NightScene> {
  const pipeline = await openPipeline();
  const membersOnly = { domainTypes: ['MEMBER'] };
  const calm = await pipeline.addMall({ membersPerDay: 30 }, { ...membersOnly, name: 'Calm Clothes' });
  const lost = await pipeline.addMall({ consent: 'lost' }, { ...membersOnly, name: 'Lost <Lamps>' });
  const gone = await pipeline.addMall({ consent: 'lost' }, { ...membersOnly, name: 'Gone Goods' });
  const spoilt = await pipeline.addMall(
    { membersPerDay: 60, poison: { members: { perDay: 3, kinds: ['bad-date', 'too-long'] } } },
    { ...membersOnly, name: 'Spoilt Shoes' },
  );
  const unread = await pipeline.addMall({}, { ...membersOnly, name: 'Unread Umbrellas' });
  // the malls were there before the night
  await pipeline.db.query(`update mallsync.tb_mall_config set created_at = '2025-11-01T00:00:00+09:00'`);
  const world = await startPageWorld({
    database: pipeline.db,
    users: { vera: 'viewer', otto: 'operator', ada: 'admin' },
    context: {
      encryptionKeys: pipeline.encryptionKeys,
      clock: { ...systemClock, nowMs: () => parseSeoulTime(MORNING) ?? Number.NaN },
    },
  });
  const runs = {
    calm: idOf(await pipeline.run(calm)),
    lost: idOf(await pipeline.run(lost)),
    gone: idOf(await pipeline.run(gone)),
    spoilt: idOf(await pipeline.run(spoilt)),
  };
  return { pipeline, world, malls: { calm, lost, gone, spoilt, unread }, runs };
}

function idOf({ executionId }: ExecutionReport): number {
  if (executionId === null) throw new Error('there was no execution');
  return executionId;
}
