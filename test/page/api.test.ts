import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/admin/env.ts';
import { roleOf } from '../../src/admin/security/allow.ts';
import type { PageClient, PageWorld } from '../support/page-world.ts';
import { startPageWorld } from '../support/page-world.ts';
import {
  addBudget,
  addCoverage,
  addCredential,
  addInstance,
  addMall,
  addReject,
  addRun,
  addWindow,
} from './read-models/ledger-rows.ts';

const BASE = '/api/v1';

interface Operation {
  readonly 'x-role': Role;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: BodySchema } } };
  readonly responses: Readonly<Record<string, ApiResponse>>;
}

interface BodySchema {
  readonly $ref?: string;
  readonly additionalProperties?: unknown;
}

interface ApiResponse {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, BodySchema>> };
}

let world: PageWorld;
let admin: PageClient;
let viewer: PageClient;
let document: ApiDocument;

beforeAll(async () => {
  world = await startPageWorld({ users: { ada: 'admin', vera: 'viewer' } });
  [admin, viewer] = [await world.signIn('ada'), await world.signIn('vera')];
  document = JSON.parse((await viewer.get(`${BASE}/openapi.json`)).text) as ApiDocument;
});

/** `get /malls/{mallId}` for each operation of the document. */
function listOperations(): readonly (readonly [string, Operation])[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );
}

function resolve(schema: BodySchema): BodySchema {
  return schema.$ref === undefined ? schema : (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
}

/** What the app itself routes, with the role that holds it; middleware left out. */
function listRoutes(): ReadonlyMap<string, Role> {
  const routes = world.server.app.routes.flatMap(({ method, path, handler }) => {
    const role = roleOf(handler);
    const name = `${method.toLowerCase()} ${path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`;
    return role === undefined ? [] : [[name, role] as const];
  });
  return new Map(routes);
}

function listApiRoutes(): ReadonlyMap<string, Role> {
  const own = [...listRoutes()].filter(([name]) => name.includes(` ${BASE}/`) && !name.endsWith('/openapi.json'));
  return new Map(own.map(([name, role]) => [name.replace(BASE, ''), role]));
}

describe('the document of the API', () => {
  it('is valid OpenAPI', async () => {
    const result = await new Validator().validate(structuredClone(document) as never);
    expect(result).toMatchObject({ valid: true });
  });

  it('is the one that is kept in docs/openapi.json, which `npm run openapi` writes', async () => {
    const kept = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
    expect(JSON.parse(kept)).toStrictEqual(document);
  });

  it('names every route with the role that holds it, and no other', () => {
    const told = listOperations().map(([name, operation]) => [name, operation['x-role']] as const);
    expect(told.length).toBeGreaterThan(5);
    expect(Object.fromEntries(told)).toStrictEqual(Object.fromEntries(listApiRoutes()));
  });

  it('says of each what it does, what it answers and how it fails', () => {
    for (const [name, { summary, tags, responses }] of listOperations()) {
      expect(summary, name).toMatch(/\S/);
      expect(tags, name).toHaveLength(1);
      const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      expect(good, name).not.toHaveLength(0);
      for (const status of ['400', '401', '403', '404', '503']) {
        expect(responses[status]?.$ref, `${name} ${status}`).toMatch(/^#\/components\/responses\//);
      }
    }
  });

  it('refuses fields that an act does not know: misspelt, one would be left out and more be started than was meant', () => {
    const open = listOperations().flatMap(([name, { requestBody }]) => {
      const schema = requestBody === undefined ? undefined : resolve(requestBody.content['application/json'].schema);
      return schema === undefined || schema.additionalProperties === false ? [] : [name];
    });
    // a mall is taken as an import takes it, which names what it does not know itself
    expect(open).toStrictEqual(['post /malls']);
  });

  it('asks for an idempotency key wherever runs are begun or stopped', () => {
    const acts = listOperations().filter(([name]) => /^post \/(reruns|stops|replays|runs)$/.test(name));
    for (const [name, { parameters = [] }] of acts) {
      const header = parameters.find((each) => each.in === 'header' && each.name.toLowerCase() === 'idempotency-key');
      expect(header?.required, name).toBe(true);
    }
    expect(acts.length).toBeGreaterThanOrEqual(3);
  });
});

/** What a page shows or does, and where the API does the same; a form belongs to what it sends. */
const TWINS: Readonly<Record<string, string | null>> = {
  'get /': 'get /runs',
  'get /now': 'get /now',
  'get /now/events': 'get /now',
  'get /runs': 'get /runs',
  'get /runs/{executionId}': 'get /runs/{executionId}',
  'get /runs/{executionId}/events': 'get /runs/{executionId}',
  'get /runs/{executionId}/errors': 'get /runs/{executionId}/errors',
  'post /runs/{executionId}/errors/{errorId}/reveal': 'post /runs/{executionId}/errors/{errorId}/reveal',
  'get /runs/again': 'post /reruns/preview',
  'post /runs/again': 'post /reruns',
  'get /runs/{executionId}/stop': 'post /stops',
  'post /runs/{executionId}/stop': 'post /stops',
  'post /runs/{executionId}/replay': 'post /replays',
  'post /runs/{executionId}/ignore': 'post /rejects/ignore',
  'post /runs/{executionId}/reopen': 'post /rejects/reopen',
  'get /new': 'post /reruns/preview',
  'post /new': 'post /reruns',
  'get /requests': 'get /requests',
  'get /requests/{key}': 'get /requests/{key}',
  'get /requests/{key}/events': 'get /requests/{key}',
  'get /malls': 'get /malls',
  'get /malls/{mallId}': 'get /malls/{mallId}',
  'get /malls/add': 'post /malls',
  'post /malls/add': 'post /malls',
  'get /malls/{mallId}/edit': 'post /malls',
  'get /malls/import': 'post /malls/import/preview',
  'post /malls/import': 'post /malls/import',
  'post /malls/{mallId}/active': 'patch /malls/{mallId}',
  'post /malls/{mallId}/authorize': 'post /malls/{mallId}/authorize',
  'get /malls/{mallId}/coverage/{domainType}': 'get /malls/{mallId}/coverage/{domainType}',
  // the browser's way back from Cafe24
  'get /consent/callback': null,
  // a session is the browser's own
  'post /sign-out': null,
  'get /audit': 'get /audit',
};

describe('the pages', () => {
  it('have each a twin in the API', () => {
    const pages = [...listRoutes()].filter(([name]) => !name.includes(' /api/'));
    expect(pages.map(([name]) => name).filter((name) => !(name in TWINS))).toStrictEqual([]);
    expect(Object.keys(TWINS).filter((name) => !listRoutes().has(name))).toStrictEqual([]);
  });

  it('and the twin is there, for the same role', () => {
    const [pages, api] = [listRoutes(), listApiRoutes()];
    const pairs = Object.entries(TWINS).filter((pair): pair is [string, string] => pair[1] !== null);
    expect(pairs.map(([, twin]) => [twin, api.get(twin)])).toStrictEqual(
      pairs.map(([page, twin]) => [twin, pages.get(page)]),
    );
  });
});

describe('the API', () => {
  /** What stands for the parameters of a path. */
  const given: Record<string, string> = { mallId: '1', domainType: 'MEMBER', key: 'click-0001' };

  beforeAll(async () => {
    const { test } = world;
    await addMall(test, 1, { name: 'Mall "one"' });
    const days = ['2026-03-01', '2026-03-02'] as const;
    const instance = await addInstance(test, { mallId: 1, days });
    const failed = await addRun(test, instance, {
      status: 'FAILED',
      failure_reason: 'AuthFailed',
      failure_message: 'refused',
      started_at: 'yesterday',
      ended_at: 'now',
    });
    await addRun(test, instance, { status: 'RUNNING', started_at: 'now', lease_until: 'tomorrow', trigger: 'RERUN' });
    await addWindow(test, instance, 0, { state: 'COMPLETE', count_before: 10 });
    given['executionId'] = String(failed);
    await addReject(test, { mallId: 1, days }, { execution_id: failed, payload: '{"birthday":"***"}' });
    await addCredential(test, 1);
    await addCoverage(test, 1, 'MEMBER', [days]);
    const again = await admin.send(`${BASE}/reruns`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': 'click-0001',
        'x-csrf-token': await admin.readToken(),
      },
      body: JSON.stringify({ executionIds: [failed], mode: 'reprocess', reason: 'after the fix' }),
    });
    if (again.status !== 202) throw new Error(again.text);
    await addBudget(test, 1, '*', { level: 1 });
    await addRun(test, await addInstance(test, { mallId: 1, domainType: 'ORDER', days }), { status: 'REQUESTED' });
  });

  it('answers as its document says', async () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    ajv.addSchema({ $id: 'doc', components: closeObjects(document.components) });
    const readings = listOperations().filter(([name]) => name.startsWith('get '));
    expect(readings.length).toBeGreaterThan(10);
    for (const [name, { responses }] of readings) {
      const path = name.slice('get '.length).replaceAll(/\{(\w+)\}/g, (_, parameter: string) => given[parameter] ?? '');
      const answer = await admin.get(`${BASE}${path}`);
      expect(answer.status, `${name} ${answer.text}`).toBe(200);
      const schema = responses['200']?.content?.['application/json']?.schema ?? {};
      const text = JSON.stringify(closeObjects(schema)).replaceAll('"#/components', '"doc#/components');
      const isValid = ajv.compile(JSON.parse(text) as object);
      isValid(JSON.parse(answer.text));
      expect(isValid.errors, name).toBeNull();
    }
  });

  it('names the field of a bad value', async () => {
    const answer = await viewer.get(`${BASE}/malls?limit=many`);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'bad_input', field: 'limit' } });
  });

  it('names the field that it does not know, and the body that is none', async () => {
    const post = async (body: string): Promise<string> => {
      const headers = { 'content-type': 'application/json', 'x-csrf-token': await admin.readToken() };
      return (await admin.send(`${BASE}/reruns/preview`, { method: 'POST', headers, body })).text;
    };
    expect(JSON.parse(await post('{"executionId":[1]}'))).toMatchObject({ error: { field: 'executionId' } });
    expect(JSON.parse(await post('{"pageSize":0,"executionIds":[1]}'))).toMatchObject({ error: { field: 'pageSize' } });
    expect(JSON.parse(await post('[]'))).toMatchObject({ error: { code: 'bad_input', field: 'body' } });
    expect(JSON.parse(await post('{'))).toMatchObject({ error: { code: 'bad_input', field: 'body' } });
  });

  it('tells in JSON that there is no such thing, that nobody is signed in and that the role does not reach', async () => {
    const missing = await viewer.get(`${BASE}/nothing`);
    const unknown = await world.visit().get(`${BASE}/now`);
    const refused = await viewer.send(`${BASE}/malls/1`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-csrf-token': await viewer.readToken() },
      body: '{"active":false}',
    });
    const codes = [missing, unknown, refused].map(({ status, text }) => [
      status,
      (JSON.parse(text) as { error: { code: string } }).error.code,
    ]);
    expect(codes).toStrictEqual([
      [404, 'not_found'],
      [401, 'unauthorized'],
      [403, 'forbidden'],
    ]);
  });

  it('is kept by no cache', async () => {
    expect((await viewer.get(`${BASE}/now`)).headers.get('cache-control')).toBe('no-store');
  });
});

/** A field that the document does not name is a fault here, though callers are to bear it. */
function closeObjects(schema: unknown): object {
  const text = JSON.stringify(schema, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'properties' in value && !('additionalProperties' in value)
      ? { ...value, additionalProperties: false }
      : value,
  );
  return JSON.parse(text) as object;
}
