import type { AdminContext } from '../context.ts';
import type { AdminApp } from '../env.ts';
import { renderPage, toViewContext } from '../layout/page.ts';
import { parseMallId } from '../malls/query.ts';
import { allow } from '../security/allow.ts';
import { beginConsent } from './begin.ts';
import { ConsentDenied, ConsentRefusal } from './consent-refusal.ts';
import { finishConsent } from './finish.ts';
import { renderOnward } from './onward-view.ts';
import { renderRefusal } from './refusal-view.ts';
import { CONSENT_TEXT } from './text.ts';

const ACCESS_DENIED = 'access_denied';

/** To Cafe24's consent page of a mall and back. */
export function mountConsent(app: AdminApp, context: AdminContext): void {
  app.post('/malls/:mallId/authorize', allow('admin'), async (c) => {
    const url = await beginConsent(c, context, parseMallId(c.req.param('mallId')));
    return c.html(renderOnward({ lang: c.get('lang') }, url));
  });
  app.get('/consent/callback', allow('admin'), async (c) => {
    const answer = { state: c.req.query('state'), code: c.req.query('code'), error: c.req.query('error') };
    try {
      const { mallId, failure } = await finishConsent(c, context, answer);
      return c.redirect(`/malls/${mallId}?${failure === null ? 'notice=authorized' : `failed=${failure}`}`, 303);
    } catch (error) {
      if (error instanceof ConsentDenied) {
        const { mallId, word } = error;
        return c.redirect(`/malls/${mallId}?${word === ACCESS_DENIED ? 'notice=denied' : `refused=${word}`}`, 303);
      }
      if (!(error instanceof ConsentRefusal)) throw error;
      const view = toViewContext(c, context.clock);
      const page = { title: CONSENT_TEXT[view.lang].title, nav: 'malls', body: renderRefusal(view, error) } as const;
      return c.html(renderPage(view, page), 400);
    }
  });
}
