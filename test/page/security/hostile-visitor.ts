import { describe, expect, it } from 'vitest';
import { fillPath, isUnsafe, listRoutes, type PageRoute } from '../../support/page-routes.ts';
import { startPageWorld, type PageAnswer } from '../../support/page-world.ts';
import { openNightScene } from '../night-scene.ts';

/** Sends each of these texts to every route, in each of its fields, and looks for what must not come of it. */
export async function describeHostileVisitor(hostile: readonly string[]): Promise<void> {
  const scene = await openNightScene();
  // nobody signs in here: it is the same page to the one person at this computer
  const world = await startPageWorld({
    database: scene.pipeline.db,
    context: { encryptionKeys: scene.pipeline.encryptionKeys },
  });
  const client = world.visit();
  const { lost, spoilt } = scene.runs;

  const routes = listRoutes(world.server.app).filter(({ path }) => !path.endsWith('/events'));
  const pages = routes.filter((route) => !isUnsafe(route));
  const acts = routes.filter(isUnsafe);

  function fill({ path }: PageRoute, execution = lost): string {
    if (path.includes(':domainType'))
      return path.replace(':mallId', String(scene.malls.lost.mallId)).replace(/:domainType.*$/, 'MEMBER');
    return fillPath(path, String(path.includes(':mallId') ? scene.malls.lost.mallId : execution));
  }

  /** A route's fields with the values that the page itself would send: those of its forms, links and documented bodies. */
  type FieldsOf = (route: PageRoute) => ReadonlyMap<string, string>;

  async function readFields(): Promise<FieldsOf> {
    const byRoute = new Map<string, Map<string, string>>();
    const note = (method: string, path: string, name: string, value: string): void => {
      const route = routes.find((each) => each.method === method.toUpperCase() && toPattern(each).test(path));
      if (route === undefined || name === 'csrf') return;
      const key = `${route.method} ${route.path}`;
      const known = byRoute.get(key) ?? new Map<string, string>();
      byRoute.set(key, known);
      if ((known.get(name) ?? '') === '') known.set(name, value);
    };
    const paths = [...pages.map((route) => fill(route)), `/runs/${spoilt}`, `/runs/again?executions=${lost}`];
    for (const path of paths) {
      const { text } = await client.get(path);
      for (const form of listForms(text, path)) {
        for (const [name, value] of form.fields) note(form.method, form.path, name, value);
      }
      for (const [, target = '', query = ''] of text.matchAll(/href="(\/[^"?]*)\?([^"]+)"/g)) {
        for (const [name, value] of new URLSearchParams(query.replaceAll('&amp;', '&')))
          note('GET', target, name, value);
      }
    }
    await noteDocument(note);
    // what no page sends is read all the same
    note('POST', '/language', 'back', '/');
    note('POST', '/sign-in', 'next', '/');
    note('GET', '/sign-in', 'next', '/');
    for (const name of ['code', 'state', 'error', 'error_description']) note('GET', '/consent/callback', name, 'x');
    return ({ method, path }) => byRoute.get(`${method} ${path}`) ?? new Map();
  }

  type Note = (method: string, path: string, name: string, value: string) => void;

  interface DocumentedOperation {
    readonly parameters?: readonly { readonly name?: string; readonly $ref?: string }[];
    readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> };
  }

  async function noteDocument(note: Note): Promise<void> {
    const document = JSON.parse((await client.get('/api/v1/openapi.json')).text) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
    };
    const resolve = (ref: string): unknown =>
      ref
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
    for (const [path, operations] of Object.entries(document.paths)) {
      const target = `/api/v1${path.replaceAll(/\{[^}]*\}/g, '1')}`;
      for (const [method, { parameters = [], requestBody }] of Object.entries(operations)) {
        for (const parameter of parameters) {
          const { name } = (parameter.$ref === undefined ? parameter : resolve(parameter.$ref)) as { name?: string };
          if (name !== undefined) note(method, target, name, '');
        }
        for (const { schema } of Object.values(requestBody?.content ?? {})) {
          for (const name of listProperties(schema, resolve)) note(method, target, name, '');
        }
      }
    }
  }

  function listProperties(schema: unknown, resolve: (ref: string) => unknown): readonly string[] {
    if (typeof schema !== 'object' || schema === null) return [];
    const {
      $ref,
      properties = {},
      anyOf = [],
      oneOf = [],
      allOf = [],
      items,
    } = schema as {
      readonly $ref?: string;
      readonly properties?: object;
      readonly anyOf?: readonly unknown[];
      readonly oneOf?: readonly unknown[];
      readonly allOf?: readonly unknown[];
      readonly items?: unknown;
    };
    const inner = [...anyOf, ...oneOf, ...allOf, items, $ref === undefined ? null : resolve($ref)];
    return [...Object.keys(properties), ...inner.flatMap((each) => listProperties(each, resolve))];
  }

  interface Form {
    readonly method: string;
    readonly path: string;
    readonly fields: readonly (readonly [string, string])[];
  }

  function listForms(text: string, path: string): readonly Form[] {
    return [...text.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/g)].map(([, head = '', body = '']) => ({
      method: /method="([^"]*)"/.exec(head)?.[1] ?? 'get',
      path: (/action="([^"?]*)/.exec(head)?.[1] ?? path).split('?', 1)[0] ?? path,
      fields: [...body.matchAll(/<(?:input|select|textarea|button)\b[^>]*>/g)].flatMap(([tag]) => {
        const name = /\bname="([^"]+)"/.exec(tag)?.[1];
        return name === undefined ? [] : [[name, /\bvalue="([^"]*)"/.exec(tag)?.[1] ?? ''] as const];
      }),
    }));
  }

  function toPattern({ path }: PageRoute): RegExp {
    return new RegExp(`^${path.replaceAll(/:[A-Za-z]+(\{[^}]*\})?/g, '[^/]+')}$`);
  }

  const fieldsOf = await readFields();

  /** What a hostile text has done, in one sentence each. */
  function listHarm({ status, headers, text }: PageAnswer, what: string): readonly string[] {
    const isHtml = (headers.get('content-type') ?? '').startsWith('text/html');
    return [
      ...(status >= 500 ? [`${status} for ${what}`] : []),
      ...(headers.getSetCookie().join().includes('hostile7') ? [`a cookie by ${what}`] : []),
      ...(/^(?:[a-z]+:)?\/\/(?!127\.0\.0\.1)/i.test(headers.get('location') ?? '') ? [`led away by ${what}`] : []),
      ...(isHtml && /<hostile7|<\/script>\{\{/.test(text) ? [`markup of ${what}`] : []),
    ];
  }

  describe('what a visitor may send', () => {
    it('is known to this test: the fields of forms, links and documented bodies', () => {
      const names = routes.flatMap((route) =>
        [...fieldsOf(route).keys()].map((name) => `${route.method} ${route.path} ${name}`),
      );
      expect(names).toEqual(
        expect.arrayContaining([
          'GET /runs q',
          'GET /runs/again executions',
          'POST /malls/add mallId',
          'POST /api/v1/malls mallId',
          'GET /api/v1/runs cursor',
        ]),
      );
    });
  });

  describe.each(pages)('GET $path', (route) => {
    it('takes any query, one field at a time, and anything in its address', async () => {
      const harm: string[] = [];
      for (const value of hostile) {
        for (const name of fieldsOf(route).keys()) {
          const query = new URLSearchParams({ [name]: value.slice(0, 4_000) }).toString();
          harm.push(...listHarm(await client.get(`${fill(route)}?${query}`), `${name}=${value.slice(0, 50)}`));
        }
        const target = fillPath(route.path, encodeURIComponent(value.toWellFormed().slice(0, 4_000)));
        harm.push(...listHarm(await client.get(target), target.slice(0, 80)));
      }
      expect(harm).toEqual([]);
    });
  });

  describe.each(acts)('$method $path', (route) => {
    const isApi = route.path.startsWith('/api/');
    const fields = fieldsOf(route);

    async function send(target: string, values: ReadonlyMap<string, unknown>): Promise<PageAnswer> {
      if (isApi) {
        const body = JSON.stringify(Object.fromEntries(values));
        return await client.send(target, {
          method: route.method,
          body,
          headers: { 'content-type': 'application/json' },
        });
      }
      const body = new URLSearchParams([...values].map(([name, value]): [string, string] => [name, String(value)]));
      const headers = { 'x-csrf-token': await client.readToken() };
      return await client.send(target, { method: route.method, body, headers });
    }

    it('takes any form, one field at a time and all at once, and anything in its address', async () => {
      const harm: string[] = [];
      for (const value of hostile) {
        for (const name of fields.keys()) {
          const answer = await send(fill(route), new Map([...fields, [name, value]]));
          harm.push(...listHarm(answer, `${name}=${value.slice(0, 50)}`));
        }
        const all = new Map([...fields.keys()].map((name) => [name, value]));
        harm.push(...listHarm(await send(fill(route), all), value.slice(0, 50)));
        const target = fillPath(route.path, encodeURIComponent(value.toWellFormed().slice(0, 4_000)));
        harm.push(...listHarm(await send(target, fields), target.slice(0, 80)));
      }
      expect(harm).toEqual([]);
    });

    it('takes JSON of any shape, and what is no form and no JSON', async () => {
      const harm: string[] = [];
      for (const value of [[], null, 7, {}, '', { a: [{ b: [] }] }]) {
        if (!isApi) break;
        for (const name of fields.keys())
          harm.push(...listHarm(await send(fill(route), new Map([[name, value]])), name));
        const headers = { 'content-type': 'application/json' };
        const body = JSON.stringify(value);
        harm.push(...listHarm(await client.send(fill(route), { method: route.method, body, headers }), body));
      }
      const token = await client.readToken();
      for (const type of [
        'application/json',
        'multipart/form-data',
        'multipart/form-data; boundary=x',
        'text/plain',
        'x',
      ]) {
        const headers = { 'content-type': type, 'x-csrf-token': token };
        const answer = await client.send(fill(route), { method: route.method, body: '--x\r\n{"a":', headers });
        harm.push(...listHarm(answer, type));
      }
      expect(harm).toEqual([]);
    });
  });

  describe('after all of it', () => {
    it('the tables still stand, and nothing was logged as a defect', async () => {
      const [row] = await world.test.query<{ tables: number }>(
        `select count(*)::int as tables from pg_tables where schemaname = 'mallsync'`,
      );
      expect(row?.tables).toBeGreaterThan(15);
      expect(world.logged.filter(({ level }) => level === 'error')).toEqual([]);
    });

    it('a body that is too large is refused before it is read', async () => {
      const headers = { 'x-csrf-token': await client.readToken(), 'content-type': 'application/x-www-form-urlencoded' };
      const body = `name=${'x'.repeat(5_000_000)}`;
      expect((await client.send('/malls/add', { method: 'POST', body, headers })).status).toBe(413);
    });
  });
}
