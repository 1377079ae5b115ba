import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** It judges what all others did. */
const LAST = 'rights.e2e.test.ts';

/** vitest's own order, but for the file that must be the last. */
export class LastOneLastSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLast = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith(LAST);
    return [...sorted.filter((file) => !isLast(file)), ...sorted.filter(isLast)];
  }
}
