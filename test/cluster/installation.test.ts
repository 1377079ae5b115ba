import { expect, test } from 'vitest';
import { listSlots } from '../../src/commands/settings/schedule-settings.ts';
import { toNight } from '../../src/controller/night-drafts.ts';
import { DAY_MS } from '../../src/domain/seoul-time.ts';
import { totalOf } from '../integration/controller/ledger-fixture.ts';
import { createClusterWorld } from '../support/cluster-world.ts';
import { awaitLead, toLeasePath } from '../support/leader-scene.ts';
import { readSeries, sumOf } from '../support/metrics-text.ts';
import { awaitUrl } from '../support/leader-scene.ts';
import { killHard, until } from '../support/process-signals.ts';

const HALF_A_DAY_HOURS = 12;
const SEOUL_HOURS = 9;

const world = await createClusterWorld();
/** Far from now, so that no night begins while this runs. */
const schedule = `0 ${(new Date().getUTCHours() + SEOUL_HOURS + HALF_A_DAY_HOURS) % 24} * * *`;
const environment = { MALLSYNC_NIGHTLY_SCHEDULE: schedule };
const nights = listSlots(schedule, Date.now() - 3 * DAY_MS, Date.now()).map(toNight);
const toName = (night: string | undefined) => `nightly-member-${night}`;

async function listMissedEvents(): Promise<readonly (readonly [string, string])[]> {
  const path = `/apis/events.k8s.io/v1/namespaces/${world.namespace}/events?fieldSelector=reason%3DScheduleMissed`;
  const { items } = await world.client.request('GET', path);
  return items.map(({ regarding, note }: { regarding: { name: string }; note: string }) => [regarding.name, note]);
}

test('a night that was missed is told and counted once, not again by the next leader', async () => {
  const [first, missed, last] = nights;
  for (const night of [first, last]) await world.create(toName(night), { suspend: true });
  const leader = world.startController(environment);
  await awaitLead(leader);
  const events = await until('the Event', async () => {
    const found = await listMissedEvents();
    return found.length > 0 && found;
  });
  expect(events).toEqual([[expect.stringMatching(/^nightly-member-/), expect.stringContaining(`night of ${missed};`)]]);
  const url = await awaitUrl(leader);
  expect(sumOf(await readSeries(url), 'mallsync_schedule_missed_total')).toBe(1);

  expect(await killHard(leader)).toBe(true);
  // another night without a trace shows that the next leader has looked
  await world.delete(toName(last));
  await world.client.request('DELETE', toLeasePath(world));
  const next = world.startController(environment);
  await next.waitForError(new RegExp(`"night":"${last}"[^\\n]*"night missed"`));
  await until('the second Event', async () => (await listMissedEvents()).length === 2);
  expect(await totalOf(world.database, 'schedule_missed_total')).toBe(2);
  next.process.kill('SIGTERM');
  const { stderr } = await next.finished;
  expect(stderr.match(/"night missed"/g)).toHaveLength(1);
});
