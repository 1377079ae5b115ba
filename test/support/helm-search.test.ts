import { expect, test } from 'vitest';
import { findHelm, listHelmSources, NoHelmError, type HelmSource } from './helm-search.ts';

const source = (name: string, find: HelmSource['find']): HelmSource => ({ name, find });

test('the search for helm takes the first place that has one, past those that have none or fail', async () => {
  const sources = [
    source('empty', async () => null),
    source('broken', () => Promise.reject(new Error('no module proxy'))),
    source('good', async () => '/good/helm'),
    source('better', () => Promise.reject(new Error('never asked'))),
  ];
  expect(await findHelm(sources)).toBe('/good/helm');
});

test('without any helm it says what was tried and how to get one', async () => {
  const found = findHelm([
    source('empty', async () => null),
    source('broken', () => Promise.reject(new Error('no module proxy'))),
  ]);
  await expect(found).rejects.toThrow(NoHelmError);
  await expect(found).rejects.toThrow(/MALLSYNC_TEST_HELM[^]*empty: none\n {2}broken: no module proxy/);
});

test('the places have a fixed order, and one that was named is not passed over silently', async () => {
  const sources = listHelmSources({ MALLSYNC_TEST_HELM: '/nowhere/helm' });
  expect(sources.map(({ name }) => name)).toEqual([
    'MALLSYNC_TEST_HELM',
    'the PATH',
    '../shared/lab',
    'building with go',
  ]);
  await expect(sources[0]?.find()).rejects.toThrow('/nowhere/helm does not answer as helm');
});
