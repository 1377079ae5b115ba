import { createServer, type RequestListener } from 'node:http';
import { expect, it } from 'vitest';
import { useBrowser } from '../../support/browser.ts';
import { atFileEnd } from '../../support/file-end.ts';
import { PASSWORD } from '../../support/page-world.ts';
import { createMallScene } from '../malls/mall-scene.ts';

const browser = useBrowser();

/** A server of its own origin. @returns where it listens */
async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atFileEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

/** As at Cafe24: the authorize address sends on to a log-in on another host, and only that leads back. */
async function listenBefore(cafe24Url: string): Promise<string> {
  const logIn = await listen(({ url = '' }, response) => {
    response.writeHead(302, { location: new URL(url, cafe24Url).href }).end();
  });
  const door = await listen((request, response) => {
    const { url = '', method = 'GET', headers } = request;
    if (method === 'GET') {
      response.writeHead(302, { location: `${logIn}${url}` }).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const { authorization = '', 'content-type': type = '' } = headers;
      void fetch(new URL(url, cafe24Url), { method, body, headers: { authorization, 'content-type': type } }).then(
        async (answer) => response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer())),
      );
    });
  });
  return cafe24Url.replace(new URL(cafe24Url).origin, door);
}

it.each([{ scripts: true }, { scripts: false }])(
  'comes back authorized over hosts that nobody has listed, with %o',
  async ({ scripts }) => {
    const scene = await createMallScene(['rosemall'], { toCafe24Url: listenBefore });
    const page = await browser.visit(scene.world.url, { scripts });
    await page.goto('/malls/1');
    await page.getByLabel('Name').fill('adam');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Authorize at Cafe24' }).click();
    await page.getByText('The mall is authorized.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/malls/1');
  },
);
