import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { NotFound, parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp } from '../env.ts';
import { renderPage, toViewContext } from '../layout/page.ts';
import { parseMallId } from '../malls/query.ts';
import { allow } from '../security/allow.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { loadCoverageMonth } from './load.ts';
import { coverageQuery, parseDomainType } from './query.ts';
import { COVERAGE_TEXT } from './text.ts';
import { renderCoverage } from './view.ts';

export function mountCoverage(app: AdminApp, context: AdminContext): void {
  app.get('/malls/:mallId/coverage/:domainType', allow('viewer'), async (c) => {
    const mallId = parseMallId(c.req.param('mallId'));
    const domainType = parseDomainType(c.req.param('domainType'));
    const { month } = parseInput(coverageQuery, c.req.queries());
    const [mall, calendar] = await Promise.all([
      createMallStore(context.database).findMall(mallId),
      loadCoverageMonth(context, mallId, domainType, month),
    ]);
    if (mall === null) throw new NotFound(`there is no mall ${mallId}`);
    const view = toViewContext(c, context.clock);
    const title = COVERAGE_TEXT[view.lang].title(mall.name, DOMAIN_WORDS[view.lang][domainType]);
    const body = renderCoverage(view, { mall, domainType, calendar });
    return c.html(renderPage(view, { title, nav: 'malls', body }));
  });
}
