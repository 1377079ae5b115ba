import { html } from 'hono/html';
import type { CredentialState } from '../../domain/credential.ts';
import type { ExecutionStatus } from '../../domain/execution.ts';
import type { Lang } from '../text/lang.ts';
import { CREDENTIAL_WORDS, STATUS_WORDS } from '../text/words.ts';
import type { Html } from './html.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle';

/** The sign says the same as the colour. */
const SIGNS: Record<Tone, string> = { good: '✓', warn: '!', bad: '✕', busy: '▸', idle: '–' };

const STATUS_TONES: Record<ExecutionStatus, Tone> = {
  REQUESTED: 'idle',
  RUNNING: 'busy',
  WAITING: 'busy',
  COMPLETED: 'good',
  COMPLETED_WITH_REJECTS: 'warn',
  FAILED: 'bad',
  STOPPED: 'idle',
  ABANDONED: 'bad',
};

const CREDENTIAL_TONES: Record<CredentialState, Tone> = { ACTIVE: 'good', NEEDS_CONSENT: 'bad', UNINSTALLED: 'bad' };

export function renderBadge(tone: Tone, word: string): Html {
  return html`<span class="badge badge-${tone}"
    ><span class="badge-sign" aria-hidden="true">${SIGNS[tone]}</span>${word}</span
  >`;
}

export function renderStatus(status: ExecutionStatus, view: { readonly lang: Lang }): Html {
  return renderBadge(STATUS_TONES[status], STATUS_WORDS[view.lang][status]);
}

export function renderCredentialState(state: CredentialState, view: { readonly lang: Lang }): Html {
  return renderBadge(CREDENTIAL_TONES[state], CREDENTIAL_WORDS[view.lang][state]);
}
