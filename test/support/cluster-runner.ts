import { inject, TestRunner, type RunnerTask, type RunnerTestFile } from 'vitest';

/** Skips whole files, hooks included, where no API server was found; the setup has said so. */
// oxlint-disable-next-line import/no-default-export -- vitest takes a runner by its default export
export default class ClusterRunner extends TestRunner {
  onCollected(files: readonly RunnerTestFile[]): void {
    if (inject('apiServer').kubeconfig === '') for (const file of files) skip(file);
  }
}

function skip(task: RunnerTask): void {
  task.mode = 'skip';
  if ('tasks' in task) for (const inner of task.tasks) skip(inner);
}
