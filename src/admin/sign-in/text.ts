import { defineText } from '../text/define-text.ts';

export const SIGN_IN_TEXT = defineText({
  en: {
    title: 'Sign in',
    name: 'Name',
    password: 'Password',
    submit: 'Sign in',
    wrong: 'Name or password is wrong.',
    lead: 'The operator’s page of mallsync',
    byProxy: 'Sign in through your organisation’s sign-in page; this address takes nobody directly.',
  },
  ko: {
    title: '로그인',
    name: '이름',
    password: '비밀번호',
    submit: '로그인',
    wrong: '이름 또는 비밀번호가 맞지 않습니다.',
    lead: 'mallsync 운영 화면',
    byProxy: '조직의 로그인 페이지를 통해 들어오세요. 이 주소로는 직접 로그인할 수 없습니다.',
  },
});
