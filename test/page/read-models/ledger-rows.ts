import type { TestDatabase } from '../../support/database.ts';

/** Columns by name; ranges and times as PostgreSQL reads them. */
type Values = Readonly<Record<string, unknown>>;

async function insertRow(database: TestDatabase, table: string, values: Values, returning?: string): Promise<number> {
  const names = Object.keys(values);
  const rows = await database.query(
    `insert into mallsync.${table} (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})
     ${returning === undefined ? '' : `returning ${returning}::int as id`}`,
    Object.values(values),
  );
  return Number(rows[0]?.['id']);
}

/** Instants of Asia/Seoul as tests write them: `2026-03-01` or `2026-03-01T08:00`. */
export function seoul(text: string): string {
  return `${text.length === 10 ? `${text}T00:00` : text}:00+09:00`;
}

export function seoulMs(text: string): number {
  return Date.parse(seoul(text));
}

export function range(from: string, until: string): string {
  return `[${seoul(from)},${seoul(until)})`;
}

export async function addMall(database: TestDatabase, mallId: number, values: Values = {}): Promise<void> {
  await insertRow(database, 'tb_mall_config', {
    mall_id: mallId,
    cafe24_mall_id: `shop-${mallId}`,
    name: `Mall ${mallId}`,
    created_at: seoul('2026-01-01'),
    ...values,
  });
}

export async function addCredential(database: TestDatabase, mallId: number, values: Values = {}): Promise<void> {
  await insertRow(database, 'tb_mall_credential', {
    mall_id: mallId,
    client_id: 'client',
    client_secret: Buffer.from('sealed'),
    key_id: 'test',
    ...values,
  });
}

export async function addCoverage(
  database: TestDatabase,
  mallId: number,
  domainType: string,
  covered: readonly (readonly [string, string])[],
  withRejects: readonly (readonly [string, string])[] = [],
): Promise<void> {
  const toMultirange = (pairs: readonly (readonly [string, string])[]) =>
    `{${pairs.map(([from, until]) => range(from, until)).join(',')}}`;
  await insertRow(database, 'tb_coverage', {
    mall_id: mallId,
    domain_type: domainType,
    covered: toMultirange(covered),
    with_rejects: toMultirange(withRejects),
  });
}

export interface Asked {
  readonly mallId: number;
  readonly domainType?: string;
  /** First and last day of the period, the last not part of it. */
  readonly days: readonly [string, string];
}

export async function addInstance(
  database: TestDatabase,
  { mallId, domainType = 'MEMBER', days }: Asked,
): Promise<number> {
  return await insertRow(
    database,
    'tb_batch_job_instance',
    {
      mall_id: mallId,
      domain_type: domainType,
      period: range(...days),
      start_date: `${days[0]}T00:00:00`,
      end_date: `${days[1]}T00:00:00`,
    },
    'instance_id',
  );
}

/** The next attempt at an instance, by default complete and never claimed. */
export async function addRun(database: TestDatabase, instanceId: number, values: Values = {}): Promise<number> {
  const [instance] = await database.query(
    `select mall_id::int, domain_type, start_date, end_date, reading, (select coalesce(max(attempt_count), 0) + 1
       from mallsync.tb_batch_execution_summary where instance_id = $1) as attempt_count
     from mallsync.tb_batch_job_instance where instance_id = $1`,
    [instanceId],
  );
  return await insertRow(
    database,
    'tb_batch_execution_summary',
    {
      instance_id: instanceId,
      ...instance,
      page_size: 1000,
      status: 'COMPLETED',
      trigger: 'NIGHTLY',
      installation_id: 'test',
      ...values,
    },
    'execution_id',
  );
}

export async function addWindow(
  database: TestDatabase,
  instanceId: number,
  n: number,
  values: Values = {},
): Promise<void> {
  const [instance] = await database.query(
    'select mall_id::int, domain_type, reading, period::text as bounds from mallsync.tb_batch_job_instance where instance_id = $1',
    [instanceId],
  );
  await insertRow(database, 'tb_batch_window', {
    instance_id: instanceId,
    n,
    ...instance,
    shop_no: 1,
    date_type: 'join',
    execution_id: 1,
    ...values,
  });
}

let entries = 0;

/** An open rejected row of a window. */
export async function addReject(
  database: TestDatabase,
  { mallId, domainType = 'MEMBER', days }: Asked,
  values: Values = {},
): Promise<number> {
  entries += 1;
  return await insertRow(
    database,
    'tb_batch_error_log',
    {
      mall_id: mallId,
      domain_type: domainType,
      execution_id: 1,
      row_key: `1|someone${entries}`,
      row_identity: `1|someone${entries}`,
      stage: 'VALIDATE',
      reason_code: 'BAD_DATE',
      fingerprint: `${domainType}:VALIDATE:BAD_DATE:birthday`,
      message: 'birthday is not a date',
      window_bounds: range(...days),
      shop_no: 1,
      ...values,
    },
    'error_id',
  );
}

export async function addBudget(
  database: TestDatabase,
  mallId: number,
  endpoint: string,
  values: Values = {},
): Promise<void> {
  await insertRow(database, 'tb_rate_budget', { mall_id: mallId, endpoint, ...values });
}

export async function addMallSync(database: TestDatabase, uid: string, values: Values = {}): Promise<void> {
  await insertRow(database, 'tb_mallsync', {
    mallsync_uid: uid,
    installation_id: 'test',
    namespace: 'mallsync',
    name: uid,
    ...values,
  });
}
