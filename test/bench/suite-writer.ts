import type { Client } from 'pg';
import { admitExecution } from '../../src/adapters/postgres/admission.ts';
import { claimExecution } from '../../src/adapters/postgres/claim.ts';
import { createLedger } from '../../src/adapters/postgres/ledger.ts';
import { CATALOG, createMapper, createStore } from '../../src/datasets/catalog.ts';
import type { ClaimedExecution, ExecutionMode } from '../../src/domain/execution.ts';
import { parsePeriod } from '../../src/domain/period.ts';
import { buildChunk } from '../../src/engine/chunk.ts';
import { buildBenchMall, openBenchWorld, type BenchWorld } from './bench-world.ts';
import { measure, median, medianSample, type Sample } from './measure.ts';
import { fetchMemberPages, PAGE_ROWS, toBenchPeriod, type ApiRow } from './member-rows.ts';
import { connectRaw, copyRaw, createRawTable, dumpMembers } from './raw-copy.ts';
import { toSampleRow, type SuiteOptions, type SuiteResult } from './suite.ts';
import { createSingleUpsert, createValuesUpsert, type PageWriter } from './writer-baselines.ts';

type Pages = readonly (readonly ApiRow[])[];
type Competitor = 'raw COPY' | 'mallsync' | 'VALUES upsert' | 'upsert a row';
type Round = Readonly<Record<string, Sample>>;

/** Parsed pages into the table over one connection: ours with everything a page's transaction holds, beside the usual ways. */
export async function runWriterSuite({ runs, days, note }: SuiteOptions): Promise<SuiteResult> {
  const world = await openBenchWorld([buildBenchMall('bench-1')]);
  try {
    const pages = await fetchMemberPages(world, 'bench-1', days);
    const few = pages.slice(0, Math.ceil(pages.length / 4));
    await writeWithLedger(world, pages, 'RESUME', days);
    const lines = await dumpMembers(world);
    const rounds: Round[] = [];
    for (let run = 0; run < runs; run++) {
      note(`writer ${run + 1} of ${runs}`);
      const round: Record<string, Sample> = { 'raw COPY': await measureRaw(world, lines, pages.length * PAGE_ROWS) };
      await world.empty();
      for (const mode of ['RESUME', 'REPROCESS'] as const) {
        const name = toName('mallsync', mode);
        round[name] = await measure(world, pages.length * PAGE_ROWS, () => writeWithLedger(world, pages, mode, days));
      }
      Object.assign(round, await measureBaseline(world, pages, 'VALUES upsert', createValuesUpsert));
      Object.assign(round, await measureBaseline(world, few, 'upsert a row', createSingleUpsert));
      rounds.push(round);
    }
    return summarise(rounds);
  } finally {
    await world.stop();
  }
}

function toName(competitor: Competitor, mode: ExecutionMode): string {
  return `${competitor}, ${mode === 'RESUME' ? 'first load' : 'unchanged'}`;
}

async function measureRaw(world: BenchWorld, lines: readonly Buffer[], rows: number): Promise<Sample> {
  await createRawTable(world, 'raw');
  const client = await connectRaw(world);
  return await measure(world, rows, () => copyRaw(client, lines)).finally(() => client.end());
}

async function measureBaseline(
  world: BenchWorld,
  pages: Pages,
  competitor: Competitor,
  createWriter: (client: Client, table: string) => PageWriter,
): Promise<Round> {
  await createRawTable(world, 'upserted');
  const client = await connectRaw(world);
  const writePage = createWriter(client, 'public.upserted');
  const writeAll = async (): Promise<void> => {
    for (const page of pages) await writePage(page);
  };
  const rows = pages.length * PAGE_ROWS;
  try {
    const first = await measure(world, rows, writeAll);
    await world.query('checkpoint');
    return {
      [toName(competitor, 'RESUME')]: first,
      [toName(competitor, 'REPROCESS')]: await measure(world, rows, writeAll),
    };
  } finally {
    await client.end();
  }
}

async function claim(world: BenchWorld, mode: ExecutionMode, days: number): Promise<ClaimedExecution> {
  const { startDate, endDate } = toBenchPeriod(days);
  const admission = await admitExecution(world.database, {
    mallId: 1,
    domainType: 'MEMBER',
    period: parsePeriod(startDate, endDate),
    pageSize: PAGE_ROWS,
    attemptCount: null,
    mode,
    reason: 'bench',
    trigger: 'LOCAL',
    requestedBy: 'bench',
    fingerprints: null,
    installationId: 'bench',
    onUsedAttempt: 'next',
  });
  if (admission.kind !== 'admitted') throw new Error(`the writer's execution was not admitted: ${admission.kind}`);
  const claimed = await claimExecution(world.database, admission.executionId, 'bench');
  if (claimed.kind !== 'claimed') throw new Error(`the writer's execution is ${claimed.kind}`);
  return claimed.execution;
}

/** @returns the seconds of the pages alone */
async function writeWithLedger(world: BenchWorld, pages: Pages, mode: ExecutionMode, days: number): Promise<number> {
  const execution = await claim(world, mode, days);
  const dataset = CATALOG.MEMBER;
  const ledger = createLedger({ database: world.database, store: await createStore(dataset, world.database.schema) });
  const mapper = await createMapper(dataset, { pii: 'full', isErased: () => false });
  const bounds = { ...execution.period, shopNo: 1, dateType: 'join' };
  const [window] = await ledger.saveWindows(execution, [bounds]);
  if (window === undefined) throw new Error('the window was not stored');
  await ledger.openWindow(execution, window.n, pages.length * PAGE_ROWS);
  const seen = new Set<bigint>();
  let checksum = 0n;
  const startMs = performance.now();
  for (const [index, page] of pages.entries()) {
    const chunk = buildChunk(page, bounds, mapper, seen);
    for (const hash of chunk.keyHashes) seen.add(hash);
    checksum = BigInt.asUintN(64, checksum + chunk.contentSum);
    await ledger.commitPage(execution, {
      windowN: window.n,
      offset: index * PAGE_ROWS,
      nextOffset: (index + 1) * PAGE_ROWS,
      rereads: 0,
      rows: chunk.rows,
      rejected: chunk.rejected,
      keyHashes: chunk.keyHashes,
      observedAtMs: Date.now(),
      counters: { read: page.length, duplicate: 0, bytes: 0 },
      costs: { calls: [{ endpoint: 'customersprivacy', code: '200', count: 1 }], waits: [] },
      distinctSeen: seen.size,
      checksum,
    });
  }
  const seconds = (performance.now() - startMs) / 1_000;
  await ledger.settleWindow(execution, window.n, { state: 'COMPLETE', countAfter: seen.size, message: null });
  const end = await ledger.settleExecution(execution);
  const { inserted, unchanged } = end.counters;
  if ((mode === 'RESUME' ? inserted : unchanged) !== pages.length * PAGE_ROWS) {
    throw new Error(`the writer inserted ${inserted} and left ${unchanged} unchanged`);
  }
  return seconds;
}

function summarise(rounds: readonly Round[]): SuiteResult {
  const names = Object.keys(rounds[0] ?? {});
  const of = (name: string): Sample => medianSample(rounds.flatMap((round) => round[name] ?? []));
  const ratio = (name: string): number =>
    median(rounds.map((round) => (round[name]?.rowsPerSecond ?? 0) / (round['raw COPY']?.rowsPerSecond ?? 1)));
  return {
    title: `Writer alone: parsed pages of ${PAGE_ROWS} rows, one connection`,
    rows: names.map((name) => toSampleRow(name, of(name), ratio(name))),
    goals: [],
    samples: rounds,
  };
}
