import { FAILURES, type FailureReason } from '../../domain/failure.ts';
import type { Lang } from './lang.ts';

/** What a failure's word means, and what to do about it; one sentence each. */
export interface FailureText {
  readonly why: string;
  readonly advice: string;
}

const WHY_EN: Readonly<Record<FailureReason, string>> = {
  ConfigInvalid: 'A setting or parameter was refused.',
  AuthFailed: 'The mall’s consent is no longer valid, so no new token can be had.',
  PermissionDenied: 'The app lacks a permission in this mall.',
  AppUninstalled: 'The app is no longer installed in this mall.',
  RateLimited: 'The mall’s calls were refused as too many for longer than a run waits.',
  QuotaExceeded: 'The mall’s usage quota was spent.',
  UpstreamUnavailable: 'Cafe24 did not answer, also not after the retries.',
  UpstreamContract: 'Cafe24 answered in a form that this version does not know.',
  RejectBudgetExceeded: 'More rows were rejected than a window may have.',
  IncompleteRead: 'The API’s count and the rows that were read did not agree.',
  DatabaseUnavailable: 'PostgreSQL did not answer, also not after the retries.',
  LeaseLost: 'Another process has taken this execution over.',
  DeadlineExceeded: 'The run took longer than its deadline.',
  OutOfMemory: 'The run used more memory than its Job may.',
  Evicted: 'The node was short of resources and gave the run up.',
  ImagePull: 'The Job’s image could not be pulled.',
  Unschedulable: 'The cluster had no room for the Job.',
  Stopped: 'The run was stopped.',
  Lost: 'The run’s process is gone without a word.',
  DuplicateRefused: 'The same mall, domain type and period was running or done already.',
  PeriodOpen: 'The period was not over yet.',
  Bug: 'The program met something it does not expect.',
};

const TEXT_KO: Readonly<Record<FailureReason, FailureText>> = {
  ConfigInvalid: {
    why: '설정이나 파라미터가 올바르지 않아 거부되었습니다.',
    advice: '표시된 설정이나 파라미터를 고친 뒤 다시 실행하세요.',
  },
  AuthFailed: {
    why: '쇼핑몰의 동의가 더 이상 유효하지 않아 새 토큰을 받을 수 없습니다.',
    advice: '쇼핑몰을 다시 인증한 뒤 재실행하세요.',
  },
  PermissionDenied: {
    why: '이 쇼핑몰에서 앱에 필요한 권한이 없습니다.',
    advice: '쇼핑몰에서 앱에 빠진 권한(scope)을 부여하고 다시 인증한 뒤 재실행하세요.',
  },
  AppUninstalled: {
    why: '이 쇼핑몰에 앱이 더 이상 설치되어 있지 않습니다.',
    advice: '쇼핑몰에 앱을 다시 설치해 달라고 요청하고 인증하세요. 떠난 쇼핑몰이면 비활성화하세요.',
  },
  RateLimited: {
    why: '호출이 너무 많다는 거부가 실행이 기다리는 시간보다 오래 이어졌습니다.',
    advice: '다른 클라이언트가 이 쇼핑몰의 호출을 쓰고 있습니다. 나중에, 또는 동시 실행을 줄여 재실행하세요.',
  },
  QuotaExceeded: {
    why: '쇼핑몰의 API 사용 한도를 모두 썼습니다.',
    advice: '차단이 풀린 뒤 재실행하세요.',
  },
  UpstreamUnavailable: {
    why: '재시도했지만 Cafe24가 응답하지 않았습니다.',
    advice: 'API가 돌아오면 재실행하세요. 멈춘 자리에서 이어집니다.',
  },
  UpstreamContract: {
    why: 'Cafe24가 이 버전이 모르는 형식으로 응답했습니다.',
    advice: '메시지를 확인하고 프로그램을 업데이트하세요.',
  },
  RejectBudgetExceeded: {
    why: '한 구간에서 허용된 것보다 많은 행이 거부되었습니다.',
    advice: '거부된 행을 원인별로 확인하고 원인을 고친 뒤 재실행하세요.',
  },
  IncompleteRead: {
    why: 'API가 말한 건수와 실제로 읽은 행 수가 맞지 않았습니다.',
    advice: '재실행하세요. 불완전한 구간만 다시 읽습니다.',
  },
  DatabaseUnavailable: {
    why: '재시도했지만 PostgreSQL이 응답하지 않았습니다.',
    advice: '데이터베이스가 돌아오면 재실행하세요. 멈춘 자리에서 이어집니다.',
  },
  LeaseLost: {
    why: '다른 프로세스가 이 실행을 가져갔습니다.',
    advice: '그 프로세스가 끝나기를 기다리세요. 끝나지 않으면 멈춘 프로세스가 있는지 확인하세요.',
  },
  DeadlineExceeded: {
    why: '실행이 제한 시간보다 오래 걸렸습니다.',
    advice: '재실행하세요. 멈춘 자리에서 이어집니다.',
  },
  OutOfMemory: {
    why: '실행이 Job에 허용된 메모리보다 많이 썼습니다.',
    advice: 'Job의 메모리를 늘리거나 페이지 크기를 줄이세요.',
  },
  Evicted: {
    why: '노드의 자원이 부족하여 실행이 밀려났습니다.',
    advice: '재실행하세요.',
  },
  ImagePull: {
    why: 'Job의 이미지를 가져오지 못했습니다.',
    advice: '이미지 이름과 pull secret을 확인하세요.',
  },
  Unschedulable: {
    why: '클러스터에 Job을 둘 자리가 없었습니다.',
    advice: '클러스터에 자리를 만들거나 자원 요청을 줄이세요.',
  },
  Stopped: {
    why: '실행이 중지되었습니다.',
    advice: '재실행하면 멈춘 자리에서 이어집니다.',
  },
  Lost: {
    why: '실행하던 프로세스가 아무 기록 없이 사라졌습니다.',
    advice: '재실행하면 멈춘 자리에서 이어집니다.',
  },
  DuplicateRefused: {
    why: '같은 쇼핑몰, 도메인, 기간이 이미 실행 중이거나 완료되었습니다.',
    advice: '다시 읽으려면 재처리(reprocess)를 사용하세요.',
  },
  PeriodOpen: {
    why: '기간이 아직 끝나지 않았습니다.',
    advice: '기간이 끝날 때까지 기다리거나 더 이른 끝 시각을 지정하세요.',
  },
  Bug: {
    why: '프로그램이 예상하지 못한 일을 만났습니다.',
    advice: '프로그램의 결함입니다. 로그와 함께 알려 주세요.',
  },
};

export function toFailureText(reason: FailureReason, lang: Lang): FailureText {
  return lang === 'ko' ? TEXT_KO[reason] : { why: WHY_EN[reason], advice: FAILURES[reason].advice };
}
