import { createControllerInside } from '../../support/controller-inside.ts';
import type { FaultPlan, FaultPoint } from '../../support/fault-points.ts';
import { startTestKubelet } from '../../support/test-kubelet.ts';
import type { FaultLane } from './fault-lane.ts';
import { createJobWitness, findProblems } from './fault-oracle.ts';
import type { FaultScenario } from './fault-scenarios.ts';

export interface Played {
  readonly points: readonly FaultPoint[];
  readonly hasStruck: boolean;
  readonly problems: readonly string[];
  readonly log: readonly string[];
}

const PATIENCE_MS = 30_000;

/** Plays a scenario with one fault, or none, and says what was not as it has to be. */
export async function playScenario(lane: FaultLane, scenario: FaultScenario, plan: FaultPlan | null): Promise<Played> {
  await lane.clear();
  const { client, namespace, ledger, transport, databaseUrl } = lane;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const problems: string[] = [];
  const kubelet = startTestKubelet({ client, namespace, database: ledger, play: scenario.play, collectsGarbage: true });
  const controller = createControllerInside({
    client: transport.calls,
    databaseUrl,
    namespace,
    installationId: `uid/${namespace}`,
    plan,
    witness: createJobWitness(lane, problems),
  });
  try {
    await controller.begin();
    await scenario.run({ lane, kubelet, patience });
    await kubelet.waitUntil((record) => record.list().every(isReleased), patience);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  const points = [...controller.gate.points];
  await controller.end();
  await kubelet.stop().catch((error: unknown) => problems.push(`the kubelet failed: ${String(error)}`));
  problems.push(...controller.violations, ...(await findProblems(lane, scenario, kubelet.record)));
  return { points, hasStruck: controller.gate.hasStruck, problems, log: [...controller.log] };
}

function isReleased({ object }: { readonly object: { metadata: { finalizers?: readonly string[] } } }): boolean {
  return (object.metadata.finalizers ?? []).length === 0;
}
