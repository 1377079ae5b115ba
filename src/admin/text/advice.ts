import type { FailureReason } from '../../domain/failure.ts';
import type { Lang } from './lang.ts';

/** Why it failed and what to do, for whoever looks at the page instead of a command line. */
interface Advice {
  readonly why: string;
  readonly what: string;
}

const ADVICE: Readonly<Record<Lang, Readonly<Record<FailureReason, Advice>>>> = {
  en: {
    ConfigInvalid: {
      why: 'A setting or parameter is wrong.',
      what: 'Correct what the message names, then run it again.',
    },
    AuthFailed: {
      why: 'Cafe24 refused the mall’s consent.',
      what: 'Authorize the mall again on its page, then run it again.',
    },
    PermissionDenied: {
      why: 'The app lacks a scope in this mall.',
      what: 'Grant the scope, authorize the mall again, then run it again.',
    },
    AppUninstalled: {
      why: 'The mall has removed the app.',
      what: 'Ask the mall to install it again and authorize it; deactivate the mall if it has left.',
    },
    RateLimited: {
      why: 'Another client spends this mall’s API calls.',
      what: 'Run it again later or with fewer runs at once.',
    },
    QuotaExceeded: { why: 'The mall’s usage quota is spent.', what: 'Run it again after the block has ended.' },
    UpstreamUnavailable: {
      why: 'Cafe24 did not answer.',
      what: 'Run it again when the API is back; it goes on at its checkpoint.',
    },
    UpstreamContract: {
      why: 'Cafe24 answered in a form that this version does not know.',
      what: 'Look at the message and update the program.',
    },
    RejectBudgetExceeded: {
      why: 'Too many rows were rejected.',
      what: 'Look at the error groups, mend the cause, then run it again.',
    },
    IncompleteRead: {
      why: 'The API’s count and its pages disagree.',
      what: 'Run it again; only the incomplete windows are read again.',
    },
    DatabaseUnavailable: {
      why: 'PostgreSQL did not answer.',
      what: 'Run it again when the database is back; it goes on at its checkpoint.',
    },
    LeaseLost: {
      why: 'Another process holds this execution.',
      what: 'Let that one finish; look for a stuck one if it does not.',
    },
    DeadlineExceeded: { why: 'It took longer than its deadline.', what: 'Run it again; it goes on at its checkpoint.' },
    OutOfMemory: {
      why: 'The Job ran out of memory.',
      what: 'Give it more memory or a smaller page size, then run it again.',
    },
    Evicted: { why: 'The node was short of resources.', what: 'Run it again.' },
    ImagePull: { why: 'The image could not be pulled.', what: 'Check the image name and the pull secret.' },
    Unschedulable: { why: 'No node has room for the Job.', what: 'Make room in the cluster or lower the requests.' },
    Stopped: { why: 'It was stopped.', what: 'Run it again to go on at its checkpoint.' },
    Lost: { why: 'Its process is gone.', what: 'Run it again to go on at its checkpoint.' },
    DuplicateRefused: {
      why: 'The same mall, domain type and period is running or done.',
      what: 'Reprocess it to read it again.',
    },
    PeriodOpen: { why: 'The period is not over yet.', what: 'Wait until it is, or end it earlier.' },
    Bug: { why: 'This is a defect of the program.', what: 'Report it with the log.' },
  },
  ko: {
    ConfigInvalid: {
      why: '설정이나 매개변수가 잘못되었습니다.',
      what: '메시지에 나온 항목을 고친 뒤 다시 실행하세요.',
    },
    AuthFailed: {
      why: 'Cafe24가 쇼핑몰 인증을 거부했습니다.',
      what: '쇼핑몰 화면에서 다시 인증한 뒤 다시 실행하세요.',
    },
    PermissionDenied: {
      why: '이 쇼핑몰에서 앱의 권한이 부족합니다.',
      what: '권한을 추가하고 다시 인증한 뒤 다시 실행하세요.',
    },
    AppUninstalled: {
      why: '쇼핑몰이 앱을 삭제했습니다.',
      what: '앱 재설치와 인증을 요청하고, 떠난 쇼핑몰이면 비활성화하세요.',
    },
    RateLimited: {
      why: '다른 프로그램이 이 쇼핑몰의 API 호출을 쓰고 있습니다.',
      what: '나중에, 또는 동시 실행 수를 줄여 다시 실행하세요.',
    },
    QuotaExceeded: { why: '쇼핑몰의 API 사용량을 모두 썼습니다.', what: '차단이 풀린 뒤 다시 실행하세요.' },
    UpstreamUnavailable: {
      why: 'Cafe24가 응답하지 않았습니다.',
      what: 'API가 복구되면 다시 실행하세요. 멈춘 지점부터 이어집니다.',
    },
    UpstreamContract: {
      why: 'Cafe24의 응답 형식이 이 버전과 다릅니다.',
      what: '메시지를 확인하고 프로그램을 업데이트하세요.',
    },
    RejectBudgetExceeded: {
      why: '거부된 행이 너무 많습니다.',
      what: '오류 그룹을 보고 원인을 고친 뒤 다시 실행하세요.',
    },
    IncompleteRead: {
      why: 'API의 건수와 실제 페이지가 맞지 않습니다.',
      what: '다시 실행하세요. 맞지 않는 구간만 다시 읽습니다.',
    },
    DatabaseUnavailable: {
      why: 'PostgreSQL이 응답하지 않았습니다.',
      what: 'DB가 복구되면 다시 실행하세요. 멈춘 지점부터 이어집니다.',
    },
    LeaseLost: {
      why: '다른 프로세스가 이 실행을 맡고 있습니다.',
      what: '그 실행이 끝나기를 기다리고, 끝나지 않으면 멈춘 것을 찾으세요.',
    },
    DeadlineExceeded: { why: '제한 시간을 넘겼습니다.', what: '다시 실행하세요. 멈춘 지점부터 이어집니다.' },
    OutOfMemory: { why: 'Job의 메모리가 부족했습니다.', what: '메모리를 늘리거나 페이지 크기를 줄여 다시 실행하세요.' },
    Evicted: { why: '노드의 자원이 부족했습니다.', what: '다시 실행하세요.' },
    ImagePull: { why: '이미지를 가져오지 못했습니다.', what: '이미지 이름과 pull secret을 확인하세요.' },
    Unschedulable: { why: 'Job을 둘 노드가 없습니다.', what: '클러스터에 자리를 만들거나 요청 자원을 줄이세요.' },
    Stopped: { why: '중지되었습니다.', what: '다시 실행하면 멈춘 지점부터 이어집니다.' },
    Lost: { why: '실행하던 프로세스가 사라졌습니다.', what: '다시 실행하면 멈춘 지점부터 이어집니다.' },
    DuplicateRefused: {
      why: '같은 쇼핑몰, 종류, 기간이 실행 중이거나 끝났습니다.',
      what: '다시 읽으려면 처음부터 다시 실행하세요.',
    },
    PeriodOpen: { why: '기간이 아직 끝나지 않았습니다.', what: '기간이 끝난 뒤 실행하거나 종료일을 앞당기세요.' },
    Bug: { why: '프로그램의 결함입니다.', what: '로그와 함께 알려 주세요.' },
  },
};

export function toAdvice(reason: FailureReason, lang: Lang): Advice {
  return ADVICE[lang][reason];
}
