import type { Context } from 'hono';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';
import { audited } from '../security/audited.ts';

/** Switches the mall and records it. @throws NotFound where there is no such mall */
export async function saveActive(
  c: Context<AdminEnv>,
  context: AdminContext,
  mallId: number,
  isActive: boolean,
): Promise<void> {
  const subject = { action: isActive ? 'malls activate' : 'malls deactivate', target: `malls ${mallId}` };
  await audited(c, context, subject, async () => {
    const store = createMallStore(context.database);
    if ((await store.findMall(mallId)) === null) throw new NotFound(`there is no mall ${mallId}`);
    return { result: await store.saveActive([mallId], isActive), detail: {} };
  });
}
