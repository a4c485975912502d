import type { LocaleOf } from '../../app/locale-of.ts'
import type { en } from './en.ts'

export const ja: LocaleOf<typeof en> = {
  signIn: {
    title: 'ログイン',
    description: '聞くだけならアカウントは不要です。ルームを開くには必要です。',
    submit: 'ログイン',
    pending: 'ログインしています…',
    noAccount: 'アカウントをお持ちでないですか？',
    toRegister: '新規登録',
  },
  register: {
    title: '新規登録',
    description: 'アカウントがあると、ルームを開いて録音を残せます。',
    submit: 'アカウントを作る',
    pending: 'アカウントを作っています…',
    haveAccount: 'すでにアカウントをお持ちですか？',
    toSignIn: 'ログイン',
  },
  fields: {
    name: '名前',
    nameHelp: 'ルームでほかの人に表示されます。',
    email: 'メールアドレス',
    password: 'パスワード',
    passwordHelp: '{{count}}文字以上。いくつかの単語をつなげるのがおすすめです。',
    showPassword: 'パスワードを表示',
    hidePassword: 'パスワードを隠す',
  },
  errors: {
    nameMissing: '名前を入力してください。',
    emailMissing: 'メールアドレスを入力してください。',
    emailInvalid: 'メールアドレスの形ではないようです。name@example.org のように@が必要です。',
    passwordMissing: 'パスワードを入力してください。',
    passwordShort: 'パスワードは{{count}}文字以上にしてください。',
    passwordLong: 'パスワードは{{count}}文字までです。',
    closed: 'このサーバーでは新規登録を受け付けていません。管理者に問い合わせてください。',
    emailTaken: 'このメールアドレスはすでに登録されています。ログインするか、別のアドレスをお使いください。',
    wrongCredentials: 'メールアドレスとパスワードが一致しません。両方を確認して、もう一度お試しください。',
  },
  gate: {
    title: 'ログインしてください',
    help: 'このページを見るにはアカウントが必要です。',
  },
}
