import { FAILURES, type FailureReason } from '../domain/failure.ts';
import { toSeoulTime } from '../domain/seoul-time.ts';
import { countOf, explainWaiting } from './explanation-waiting.ts';
import type { MallStanding, Standing } from './mall-counts.ts';
import { shorten } from './mall-counts.ts';
import type { Situation } from './status-situation.ts';

const MOST_NAMED = 5;
const LONGEST_EXPLANATION = 1_000;
const LONGEST_DETAIL = 200;
const MINUTE_MS = 60_000;

const NEXT_CHECK = / ?Next check (\d\d):(\d\d)\.$/;

/** How it stands and what to do about it, for people. `nextCheckMs` from now on; null names none. */
export function explain(situation: Situation, nextCheckMs: number | null): string {
  const text = shorten(explainState(situation), LONGEST_EXPLANATION);
  if (nextCheckMs === null) return text;
  const minuteMs = Math.ceil((situation.nowMs + nextCheckMs) / MINUTE_MS) * MINUTE_MS;
  return `${text} Next check ${toSeoulTime(minuteMs).slice(11, 16)}.`;
}

/** What is worth reading in an explanation: all but when it was made. */
export function withoutNextCheck(explanation: string): string {
  return explanation.replace(NEXT_CHECK, '');
}

/** The named minute of the day; null where none is named. */
export function parseNextCheckMinute(explanation: string): number | null {
  const match = NEXT_CHECK.exec(explanation);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}

export function explainState(situation: Situation): string {
  const { admission, isFinished } = situation;
  if (admission?.admission === 'refused') return explainRefusal(admission.reason, admission.message);
  if (admission?.admission === 'held' && situation.observed.ledger.malls === null) return admission.message;
  const problems = explainProblems(situation);
  if (isFinished) return problems ?? explainSuccess(situation);
  return [problems, ...explainWaiting(situation)].filter((sentence) => sentence !== null).join(' ');
}

function explainRefusal(reason: string, message: string): string {
  return reason === 'PeriodOpen' ? `${message} ${FAILURES.PeriodOpen.advice}` : message;
}

function explainSuccess({ counts, observed }: Situation): string {
  const { total, withRejects, alreadyComplete } = counts;
  if (total === 0) return `No mall is to be read: no active mall that takes ${observed.mallSync.spec.domainType} fits.`;
  const known = alreadyComplete === 0 ? '' : `, ${alreadyComplete} of them before`;
  const done = `${total === 1 ? 'The mall is' : `All ${total} malls are`} done${known}`;
  if (withRejects === 0) return `${done}.`;
  return `${done}, ${withRejects} with rejected rows. Look at \`mallsync errors groups\`, mend the cause and replay them.`;
}

/** What went wrong so far; null when nothing did. */
export function explainProblems(situation: Situation): string | null {
  const sentences = [
    ...explainGroup(situation, 'failed', 'failed'),
    ...explainGroup(situation, 'refused', 'refused'),
    ...explainStopped(situation),
  ];
  return sentences.length === 0 ? null : sentences.join(' ');
}

function explainGroup({ standings, counts }: Situation, standing: Standing, verb: string): readonly string[] {
  const malls = standings.filter((mall) => mall.standing === standing);
  if (malls.length === 0) return [];
  const groups = [...Map.groupBy(malls, ({ reason }) => reason ?? 'Bug')].sort(
    ([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1),
  );
  const named = groups.map(([reason, members]) => `${nameMalls(members)} ${reason}${detail(standing, members)}`);
  const advice = (groups[0]?.[0] ?? 'Bug') satisfies FailureReason;
  return [`${countOf(malls.length, counts.total)} ${verb}: ${named.join('; ')}.`, FAILURES[advice].advice];
}

/** Who holds what was refused is told at once; how a run failed stands in `failures`. */
function detail(standing: Standing, [first]: readonly MallStanding[]): string {
  const message = standing === 'refused' ? (first?.message ?? '') : '';
  return message === '' ? '' : `, ${shorten(message, LONGEST_DETAIL)}`;
}

function explainStopped({ counts, observed }: Situation): readonly string[] {
  if (counts.stopped === 0) return [];
  const why = observed.mallSync.spec.cancel ? 'it was cancelled' : FAILURES.Stopped.advice;
  return [`${countOf(counts.stopped, counts.total)} stopped: ${why.replace(/\.$/, '')}.`];
}

/** "mall 3", "malls 3, 7 and 9 more". */
function nameMalls(malls: readonly { readonly mallId: number }[]): string {
  const named = malls.slice(0, MOST_NAMED).map(({ mallId }) => mallId);
  const rest = malls.length - named.length;
  return `${malls.length === 1 ? 'mall' : 'malls'} ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
