import { defineText } from '../text/define-text.ts';

export const CONSENT_TEXT = defineText({
  en: {
    onward: 'On to Cafe24',
    onwardWhat: 'Agree there as the mall’s chief operator; it leads back here.',
    onwardLink: 'Go to Cafe24',
    title: 'Consent not taken',
    missing: 'This address carries no state: it did not come from a consent that was begun here.',
    unknown: 'Nobody began this consent here, or it was long ago. Begin it again from the mall’s page.',
    used: 'This consent was taken already; it works once.',
    expired: 'This consent took longer than ten minutes. Begin it again from the mall’s page.',
    foreign: 'Somebody else began this consent, or you have signed in anew since. Begin it again yourself.',
    noCode: 'Cafe24 sent no code. Begin the consent again from the mall’s page.',
    unchanged: 'Nothing has been changed.',
    mall: 'To the mall',
    malls: 'To the malls',
  },
  ko: {
    onward: 'Cafe24로 이동합니다',
    onwardWhat: '쇼핑몰 대표 운영자로 동의하면 이 화면으로 돌아옵니다.',
    onwardLink: 'Cafe24로 이동',
    title: '인증을 처리하지 않았습니다',
    missing: '이 주소에는 state가 없습니다. 여기서 시작한 인증이 아닙니다.',
    unknown: '여기서 시작한 인증이 아니거나 너무 오래되었습니다. 쇼핑몰 화면에서 다시 시작하세요.',
    used: '이미 처리한 인증입니다. 한 번만 쓸 수 있습니다.',
    expired: '인증에 10분이 넘게 걸렸습니다. 쇼핑몰 화면에서 다시 시작하세요.',
    foreign: '다른 사람이 시작했거나, 그 뒤에 다시 로그인했습니다. 직접 다시 시작하세요.',
    noCode: 'Cafe24가 코드를 보내지 않았습니다. 쇼핑몰 화면에서 다시 시작하세요.',
    unchanged: '바뀐 것은 없습니다.',
    mall: '쇼핑몰로',
    malls: '쇼핑몰 목록으로',
  },
});
