import { html } from 'hono/html';
import type { RunDetail } from '../../adapters/postgres/read-models/run-detail.ts';
import { toSeoulTime } from '../../domain/seoul-time.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import { RUN_TEXT } from './text.ts';

type Looked = Pick<
  RunDetail,
  | 'executionId'
  | 'mallId'
  | 'domainType'
  | 'jobName'
  | 'holder'
  | 'mallSyncName'
  | 'mallSyncNamespace'
  | 'startedAtMs'
  | 'endedAtMs'
>;

export interface LookCommands {
  readonly kubernetes: readonly string[];
  /** Lines of the log of a local process. */
  readonly local: readonly string[];
  readonly terminal: readonly string[];
}

/** What to type for more than the ledger knows. `fallbackNamespace` serves a row that names none. */
export function buildLookCommands(run: Looked, fallbackNamespace: string | null): LookCommands {
  const { executionId, jobName, mallSyncName } = run;
  const namespace = run.mallSyncNamespace ?? fallbackNamespace;
  const scope = namespace === null ? '' : ` -n ${namespace}`;
  const isLocal = jobName === null && mallSyncName === null;
  return {
    kubernetes: [
      ...(jobName === null ? [] : [`kubectl logs${scope} job/${jobName}`, `kubectl describe${scope} job ${jobName}`]),
      ...(mallSyncName === null ? [] : [`kubectl describe${scope} ms ${mallSyncName}`]),
    ],
    local: isLocal ? buildLocalCommands(run) : [],
    terminal: [`mallsync status ${executionId}`, `mallsync errors list --execution ${executionId}`],
  };
}

/** The lines of a run's log carry mall and domain type; the journal is cut to the time of the run. */
function buildLocalCommands({ mallId, domainType, startedAtMs, endedAtMs }: Looked): readonly string[] {
  const since = startedAtMs === null ? '' : ` --since '${toJournalTime(startedAtMs)}'`;
  const until = endedAtMs === null ? '' : ` --until '${toJournalTime(endedAtMs + 1_000)}'`;
  const select = `jq -R 'fromjson? | select(.mallId == ${mallId} and .domainType == "${domainType}")'`;
  return [`journalctl -u mallsync -o cat${since}${until} | ${select}`];
}

function toJournalTime(ms: number): string {
  return `${toSeoulTime(ms).replace('T', ' ')} Asia/Seoul`;
}

export function renderLook(run: Looked, fallbackNamespace: string | null, view: ViewContext): Html {
  const text = RUN_TEXT[view.lang];
  const { kubernetes, local, terminal } = buildLookCommands(run, fallbackNamespace);
  const jobNote = run.jobName === null ? NOTHING : html`<p class="hint">${text.lookJobGone}</p>`;
  return renderPanel(
    text.look,
    html`${renderCommands(text.lookKubernetes, kubernetes)} ${jobNote} ${renderCommands(text.lookLocal, local)}
    ${renderCommands(text.lookTerminal, terminal)}`,
  );
}

function renderCommands(title: string, commands: readonly string[]): Html {
  if (commands.length === 0) return NOTHING;
  return html`<p>${title}</p>
    <pre class="code code-wrap" tabindex="0" aria-label="${title}">${commands.join('\n')}</pre>`;
}
