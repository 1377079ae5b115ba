import { describe, expect, test } from 'vitest';
import { createClusterWorld } from '../support/cluster-world.ts';
import { awaitLead } from '../support/leader-scene.ts';

const EX_CONFIG = 78;
const NAMED = { MALLSYNC_CLUSTER_ID: 'seoul-1' };

const world = await createClusterWorld();
const binding = `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/mallsync-installation-${world.namespace}`;
await world.client.request('DELETE', binding);

async function listInstallations(): Promise<readonly unknown[]> {
  return await world.database.query(
    `select installation_id from mallsync.tb_controller_epoch
     union select installation_id from mallsync.tb_batch_execution_summary`,
  );
}

describe('a controller without any right on the cluster', () => {
  test('cannot begin where nobody says what the cluster is called', async () => {
    const { exitCode, stderr } = await world.startController().finished;
    expect(exitCode).toBe(EX_CONFIG);
    expect(stderr).toMatch(/namespaces "kube-system" is forbidden/);
  });

  test('leads, admits and releases under the name that the cluster was given', async () => {
    const controller = world.startController(NAMED);
    await awaitLead(controller);
    const mallIds = await world.addMalls(1);
    await world.create('named', { mallIds });
    await world.waitFor('named', (mallSync) => mallSync?.status?.malls?.active === 1);
    controller.process.kill('SIGTERM');
    expect(await controller.finished).toMatchObject({ exitCode: 0 });
    const release = await world.start(['controller', '--release', '--cluster-id', 'seoul-1']).finished;
    expect(release.stderr).toMatch(/"stopped":1,"deleted":1,"left":0/);
    expect(release.exitCode).toBe(0);
    expect(await listInstallations()).toEqual([{ installation_id: `seoul-1/${world.namespace}` }]);
  });
});
