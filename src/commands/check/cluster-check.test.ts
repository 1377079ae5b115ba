import { describe, expect, it } from 'vitest';
import type { ClusterErrorKind } from '../../controller/cluster-error.ts';
import { ClusterError } from '../../controller/cluster-error.ts';
import { createClusterCheck } from './cluster-check.ts';

const never = new AbortController().signal;

async function find(error: Error) {
  const refuse = async (): Promise<never> => {
    throw error;
  };
  return await createClusterCheck(refuse, 0).run(never);
}

const REFUSALS: readonly (readonly [ClusterErrorKind, number, RegExp])[] = [
  ['unavailable', 69, /ask again/],
  ['timeout', 69, /ask again/],
  ['throttled', 69, /ask again/],
  ['unauthorized', 77, /give a kubeconfig/],
  ['forbidden', 77, /let its service account create mallsyncs/],
  ['not-found', 78, /apply the definition .* and check --namespace/],
  ['invalid', 78, /apply the definition .* is another/],
];

describe('a refusal of the API server', () => {
  it.each(REFUSALS)('of the kind %s ends with %i and says what to do', async (kind, exitCode, advice) => {
    expect(await find(new ClusterError(kind, 'it was so'))).toEqual({
      exitCode,
      found: 'it was so',
      advice: expect.stringMatching(advice),
    });
  });

  it('is not made of a defect', async () => {
    await expect(find(new TypeError('x is undefined'))).rejects.toThrow('x is undefined');
  });
});
