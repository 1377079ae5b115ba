import type { MallBoardRow } from '../../adapters/postgres/read-models/mall-board.ts';
import { renderConfirmButton } from '../layout/confirm-button.ts';
import type { Html } from '../layout/html.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { MALLS_TEXT } from './text.ts';

type Switched = Pick<MallBoardRow, 'mallId' | 'name' | 'active'>;

/** @param list the query of the list that the answer leads back to; null leads to the mall itself */
export function renderActiveSwitch({ mallId, name, active }: Switched, view: ViewContext, list: string | null): Html {
  const text = MALLS_TEXT[view.lang];
  return renderConfirmButton(view, {
    action: `/malls/${mallId}/active`,
    label: active ? text.deactivate : text.activate,
    ...(active && { question: text.askDeactivate(name) }),
    fields: { active: active ? '0' : '1', ...(list !== null && { list }) },
  });
}
