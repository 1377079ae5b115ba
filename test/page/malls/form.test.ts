import { beforeAll, describe, expect, it } from 'vitest';
import { createMallStore } from '../../../src/adapters/postgres/mall-store.ts';
import { rowsOf, toText } from '../page-text.ts';
import { createMallScene, listAudit, type MallScene } from './mall-scene.ts';

const ROSE = { mallId: '21', cafe24MallId: 'rosemall', domainTypes: ['ORDER', 'SALES'] } as const;
const SECRETS = {
  clientId: 'app-1',
  clientSecret: 'a very secret secret',
  refreshToken: 'a very secret token',
} as const;

let scene: MallScene;
beforeAll(async () => {
  scene = await createMallScene(['first']);
});

async function findMall(mallId: number) {
  return await createMallStore(scene.world.database).findMall(mallId);
}

function findSecrets(text: string): readonly string[] {
  return [SECRETS.clientSecret, SECRETS.refreshToken].filter((secret) => text.includes(secret));
}

/** A form as a browser sends it with a file input. */
async function postForm(path: string, fields: Readonly<Record<string, string | Blob>>) {
  const body = new FormData();
  body.append('csrf', await scene.admin.readToken());
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return await scene.admin.send(path, { method: 'POST', body });
}

function sealedIn(html: string): string {
  return /name="sealed" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

describe('the form of a new mall', () => {
  it('adds it, and records it without its secrets', async () => {
    const shops = { shopNos: '1 3', labels: 'tier=gold\r\nnote=a, b', name: 'Rose' };
    const answer = await scene.admin.post('/malls/add', { ...ROSE, ...shops, ...SECRETS });
    expect(answer).toMatchObject({ status: 303, location: '/malls/21?notice=added' });
    expect(await findMall(21)).toMatchObject({
      name: 'Rose',
      active: true,
      domainTypes: ['ORDER', 'SALES'],
      shopNos: [1, 3],
      labels: { tier: 'gold', note: 'a, b' },
      credential: { clientId: 'app-1', state: 'ACTIVE', hasRefreshToken: true },
    });
    const rows = await scene.world.test.query('select * from mallsync.tb_audit_log');
    expect(rows.at(-1)).toMatchObject({ actor: 'adam', action: 'malls add', outcome: 'done', detail: { malls: '21' } });
    expect(findSecrets(JSON.stringify([rows, scene.world.logged]))).toEqual([]);
    const page = (await scene.admin.get('/malls/21?notice=added')).text;
    expect(toText(page)).toContain('The mall was added.');
    expect(findSecrets(page)).toEqual([]);
  });

  it('gives back what was typed with each fault at its field, but no secret', async () => {
    const typed = { mallId: 'seven', cafe24MallId: 'Rose"Mall', shopNos: '1, x', labels: 'gold', name: '<i>Rose</i>' };
    const answer = await scene.admin.post('/malls/add', { ...typed, ...SECRETS });
    expect(answer.status).toBe(400);
    const text = toText(answer.text);
    for (const rule of [
      'Must be a whole number from 1.',
      'Must be 2 to 50 small letters, digits or dashes.',
      'Choose at least one.',
      'Must be numbers of shops divided by commas, like 1, 2.',
      'Must be one name=value a line.',
    ]) {
      expect(text).toContain(rule);
    }
    expect(answer.text).toContain('value="Rose&quot;Mall"');
    expect(answer.text).toContain('value="&lt;i&gt;Rose&lt;/i&gt;"');
    expect(answer.text).toContain('value="app-1"');
    expect(findSecrets(answer.text)).toEqual([]);
    expect((await listAudit(scene))[0]).not.toMatchObject({
      action: 'malls add',
      outcome: 'done',
      target: 'mall seven',
    });
  });

  it('asks for the secret that a client id needs, and for the client that a token needs', async () => {
    const alone = await scene.admin.post('/malls/add', {
      ...ROSE,
      mallId: '22',
      cafe24MallId: 'lily',
      clientId: 'app-1',
    });
    expect(toText(alone.text)).toContain('The client id and its secret are given together.');
    const token = await scene.admin.post('/malls/add', {
      ...ROSE,
      mallId: '22',
      cafe24MallId: 'lily',
      refreshToken: 't',
    });
    expect(toText(token.text)).toContain('Needs the client id and its secret, too.');
    expect(await findMall(22)).toBeNull();
  });

  it('changes no mall that is there already', async () => {
    const same = await scene.admin.post('/malls/add', { mallId: '1', cafe24MallId: 'first', domainTypes: 'ORDER' });
    expect(same.status).toBe(400);
    expect(toText(same.text)).toContain('Mall 1 is there already.');
    const taken = await scene.admin.post('/malls/add', { ...ROSE, mallId: '30', cafe24MallId: 'first' });
    expect(taken.status).toBe(400);
    expect(toText(taken.text)).toContain('first is mall 1 already');
    expect(await findMall(1)).toMatchObject({ domainTypes: ['MEMBER', 'ORDER', 'SALES'] });
  });

  it('is an admin’s alone', async () => {
    for (const path of ['/malls/add', '/malls/import', '/malls/1/edit']) {
      expect((await scene.operator.get(path)).status).toBe(403);
      expect((await scene.admin.get(path)).status).toBe(200);
    }
    expect((await scene.operator.post('/malls/add', ROSE)).status).toBe(403);
    expect((await scene.operator.post('/malls/import', { content: '[]' })).status).toBe(403);
  });

  it('speaks Korean', async () => {
    const answer = await scene.admin.post('/malls/add', { mallId: '' }, { 'accept-language': 'ko' });
    expect(toText(answer.text)).toContain('1 이상의 정수여야 합니다.');
    expect(toText(answer.text)).toContain('하나 이상 고르세요.');
  });
});

describe('the settings of a mall', () => {
  it('stand in the form, and what is left as it is stays', async () => {
    await scene.admin.post('/malls/add', { ...ROSE, mallId: '40', cafe24MallId: 'fern', name: 'Fern', ...SECRETS });
    const form = (await scene.admin.get('/malls/40/edit')).text;
    expect(form).toContain('value="Fern"');
    expect(form).toContain('name="known" value="1"');
    expect(findSecrets(form)).toEqual([]);
    const before = await findMall(40);
    const known = { ...ROSE, mallId: '40', cafe24MallId: 'fern', known: '1' };
    const answer = await scene.admin.post('/malls/add', { ...known, name: 'Green Fern', labels: 'a=b' });
    expect(answer).toMatchObject({ status: 303, location: '/malls/40?notice=changed' });
    expect(await findMall(40)).toEqual({ ...before, name: 'Green Fern', labels: { a: 'b' } });
    await scene.admin.post('/malls/add', { ...known, name: '' });
    expect(await findMall(40)).toEqual({ ...before, name: 'Green Fern', labels: {} });
  });

  it('keep a consent that works, unless it is to be replaced', async () => {
    const known = { ...ROSE, mallId: '40', cafe24MallId: 'fern', known: '1' };
    await scene.world.test.query(
      `update mallsync.tb_mall_credential set access_token = 'a', refresh_expires_at = now() + interval '9 days' where mall_id = 40`,
    );
    const other = { clientId: 'app-2', clientSecret: 'another' };
    const kept = await scene.admin.post('/malls/add', { ...known, ...other });
    expect(kept.location).toBe('/malls/40?notice=kept');
    expect(await findMall(40)).toMatchObject({ credential: { clientId: 'app-1', state: 'ACTIVE' } });
    const forced = await scene.admin.post('/malls/add', { ...known, ...other, force: '1' });
    expect(forced.location).toBe('/malls/40?notice=changed');
    expect(await findMall(40)).toMatchObject({ credential: { clientId: 'app-2', state: 'NEEDS_CONSENT' } });
  });
});

describe('the import of a list', () => {
  const list = [
    { mallId: 51, cafe24MallId: 'oak', name: 'Oak', ...SECRETS },
    { mallId: 1, cafe24MallId: 'first', name: 'Renamed', domainTypes: ['ORDER'] },
    { mallId: 52, cafe24MallId: 'elm' },
  ];

  it('shows first what it would do and changes nothing', async () => {
    const answer = await scene.admin.post('/malls/import', { content: JSON.stringify(list) });
    expect(answer.status).toBe(200);
    expect(rowsOf(answer.text, 'What this import would do')).toEqual([
      'Oak 51 · oak ✓ Added – stored',
      'Renamed 1 · first ! Changed name, domainTypes as it is',
      'elm 52 · elm ✓ Added – none yet: authorize it after this',
    ]);
    expect(findSecrets(answer.text)).toEqual([]);
    expect(await findMall(51)).toBeNull();
    expect(await findMall(1)).toMatchObject({ name: 'The first' });
  });

  it('does then exactly that', async () => {
    const sealed = sealedIn((await scene.admin.post('/malls/import', { content: JSON.stringify(list) })).text);
    const answer = await scene.admin.post('/malls/import', { sealed });
    expect(answer).toMatchObject({ status: 303, location: '/malls?added=2&changed=1' });
    expect(toText((await scene.admin.get(answer.location ?? '')).text)).toContain('Imported: 2 added, 1 changed.');
    expect(await findMall(51)).toMatchObject({ credential: { clientId: 'app-1', hasRefreshToken: true } });
    expect(await findMall(1)).toMatchObject({ name: 'Renamed', domainTypes: ['ORDER'] });
    expect((await listAudit(scene))[0]).toEqual({
      actor: 'adam',
      action: 'malls import',
      target: 'malls',
      outcome: 'done',
    });
    const again = await scene.admin.post('/malls/import', { content: JSON.stringify(list) });
    expect(toText(again.text)).toContain('Nothing to do: all of it is stored already.');
    expect(sealedIn(again.text)).toBe('');
  });

  it('takes a file, too', async () => {
    const file = new File([JSON.stringify([{ mallId: 53, cafe24MallId: 'ash' }])], 'malls.json');
    const answer = await postForm('/malls/import', { content: '', file });
    expect(answer.status).toBe(200);
    expect(toText(answer.text)).toContain('ash 53 · ash ✓ Added');
  });

  it('names every fault by entry and field and takes nothing', async () => {
    const faulty = [
      { mallId: 0, cafe24MallId: 'Bad!', ...SECRETS },
      { mallId: 60, cafe24MallId: 'yew', activ: true },
      { mallId: 60, cafe24MallId: 'fir', clientId: 'c' },
    ];
    const answer = await scene.admin.post('/malls/import', { content: JSON.stringify(faulty) });
    expect(answer.status).toBe(400);
    expect(rowsOf(answer.text, '4 faults; nothing was taken. Correct them and give the list again.')).toEqual([
      '1 mallId Must be a whole number from 1.',
      '1 cafe24MallId Must be 2 to 50 small letters, digits or dashes.',
      '2 – Unrecognized key: "activ"',
      '3 clientSecret The client id and its secret are given together.',
    ]);
    expect(findSecrets(answer.text)).toEqual([]);
    const repeated = JSON.stringify([
      { mallId: 61, cafe24MallId: 'yew' },
      { mallId: 61, cafe24MallId: 'first' },
    ]);
    expect(toText((await scene.admin.post('/malls/import', { content: repeated })).text)).toContain(
      '2 mallId Entry 1 of the list has it already.',
    );
    const taken = JSON.stringify([{ mallId: 61, cafe24MallId: 'first' }]);
    expect(toText((await scene.admin.post('/malls/import', { content: taken })).text)).toContain(
      'first is mall 1 already',
    );
    expect(await findMall(60)).toBeNull();
  });

  it.each([
    ['', 'Paste a list or choose a file.'],
    ['{', 'This is not JSON.'],
    ['{}', 'faults'],
    ['[]', 'faults'],
  ])('says what is wrong with %s', async (content, sentence) => {
    const answer = await scene.admin.post('/malls/import', { content });
    expect(answer.status).toBe(400);
    expect(toText(answer.text)).toContain(sentence);
  });

  it('takes no preview of somebody else, and none that was altered', async () => {
    const content = JSON.stringify([{ mallId: 70, cafe24MallId: 'ivy' }]);
    const sealed = sealedIn((await scene.admin.post('/malls/import', { content })).text);
    const abel = await scene.world.signIn('abel');
    for (const answer of [
      await abel.post('/malls/import', { sealed }),
      await scene.admin.post('/malls/import', { sealed: sealed.slice(4) }),
      await scene.admin.post('/malls/import', { sealed: 'x' }),
    ]) {
      expect(answer.status).toBe(400);
      expect(toText(answer.text)).toContain('This preview is too old or not yours.');
    }
    expect(await findMall(70)).toBeNull();
  });

  it('previews and takes a thousand malls at once', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => ({
      mallId: 1_000 + index,
      cafe24MallId: `many-${index}`,
      name: `쇼핑몰 ${index}`,
      clientId: `client-${index}`,
      clientSecret: `secret-${index}`,
    }));
    const preview = await scene.admin.post('/malls/import', { content: JSON.stringify(many) });
    expect(toText(preview.text)).toContain('The first 200 of 1,000.');
    const answer = await scene.admin.post('/malls/import', { sealed: sealedIn(preview.text) });
    expect(answer.location).toBe('/malls?added=1000&changed=0');
  });
});
