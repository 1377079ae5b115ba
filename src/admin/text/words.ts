import type { CredentialState } from '../../domain/credential.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import type { ExecutionMode, ExecutionStatus, Trigger } from '../../domain/execution.ts';
import type { Lang } from './lang.ts';

/** The ledger's words as an operator reads them. Failure reasons are the same word everywhere, so they stay as they are. */
type Words<Word extends string> = Readonly<Record<Lang, Readonly<Record<Word, string>>>>;

export const STATUS_WORDS: Words<ExecutionStatus> = {
  en: {
    REQUESTED: 'requested',
    RUNNING: 'running',
    WAITING: 'waiting',
    COMPLETED: 'completed',
    COMPLETED_WITH_REJECTS: 'completed, with rejects',
    FAILED: 'failed',
    STOPPED: 'stopped',
    ABANDONED: 'abandoned',
  },
  ko: {
    REQUESTED: '요청됨',
    RUNNING: '실행 중',
    WAITING: '대기 중',
    COMPLETED: '완료',
    COMPLETED_WITH_REJECTS: '완료(거부 행 있음)',
    FAILED: '실패',
    STOPPED: '중지됨',
    ABANDONED: '버려짐',
  },
};

export const DOMAIN_WORDS: Words<DomainType> = {
  en: { MEMBER: 'Members', ORDER: 'Orders', SALES: 'Sales' },
  ko: { MEMBER: '회원', ORDER: '주문', SALES: '매출' },
};

export const TRIGGER_WORDS: Words<Trigger> = {
  en: { NIGHTLY: 'nightly', MANUAL: 'by hand', RERUN: 'run again', BACKFILL: 'back-fill', LOCAL: 'local run' },
  ko: { NIGHTLY: '야간 정기', MANUAL: '수동', RERUN: '재실행', BACKFILL: '과거 채우기', LOCAL: '로컬 실행' },
};

export const MODE_WORDS: Words<ExecutionMode> = {
  en: { RESUME: 'resume', REPROCESS: 'reprocess', REPLAY: 'replay rejected rows' },
  ko: { RESUME: '이어서 실행', REPROCESS: '처음부터 다시', REPLAY: '거부 행만 다시' },
};

export const CREDENTIAL_WORDS: Words<CredentialState> = {
  en: { ACTIVE: 'authorized', NEEDS_CONSENT: 'needs consent', UNINSTALLED: 'app uninstalled' },
  ko: { ACTIVE: '인증됨', NEEDS_CONSENT: '동의 필요', UNINSTALLED: '앱 삭제됨' },
};
