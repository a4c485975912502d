import type { LocaleOf } from '../locale-of.ts'
import type { en } from './en.ts'

export const ja: LocaleOf<typeof en> = {
  name: 'Engawa',
  documentTitle: '{{screen}} · Engawa',
  skipToContent: '本文へ移動',
  nav: {
    label: 'メイン',
    rooms: 'ルーム',
    recordings: '録音',
    settings: '設定',
    signIn: 'ログイン',
    account: '{{name}}さんのアカウント',
    signOut: 'ログアウト',
  },
  signedOut: 'ログアウトしました。',
  server: '接続先サーバー：{{url}}',
  offlineBanner: 'サーバーに接続できません。再接続しています…',
  onlineAgain: 'サーバーに再接続しました。',
  hosting: {
    here: 'このコンピューターでルームを動かしています。アプリを開いたままにしてください。',
    restarting: 'ルームを動かす部分が異常終了したため、起動し直しています。参加者は自動で戻ります。',
    failed:
      'このコンピューターでルームを動かせなくなりました。アプリを起動し直してください。アプリからの情報：{{detail}}',
  },
  loading: '読み込んでいます…',
  offlineTitle: 'サーバーに接続できません',
  offlineHelp: '接続が戻りしだい、自動的に表示されます。',
  notifications: 'お知らせ',
  close: '閉じる',
  cancel: 'キャンセル',
  tryAgain: 'もう一度試す',
  copied: 'コピーしました。',
  copyByHand: 'このページではクリップボードを使えません。リンクを選択してあるので、{{keys}}でコピーしてください。',
  toRooms: 'ルーム一覧へ',
  notFound: {
    title: 'ページが見つかりません',
    help: 'アドレスが間違っているか、ページが移動した可能性があります。',
  },
  crash: {
    title: 'ページが動かなくなりました',
    help: '予期しない問題が起きました。たいていは再読み込みで直ります。ルームと録音はサーバーに保存されています。',
    reload: '再読み込み',
    details: '詳細',
  },
  startFailed: {
    title: 'Engawaを起動できませんでした',
    help: 'デスクトップアプリが接続先のサーバーを取得できません。アプリを終了して、もう一度起動してください。',
  },
  settings: {
    title: '設定',
    appearance: '表示',
    language: '言語',
    theme: 'テーマ',
    themeSystem: 'システムに合わせる',
    themeLight: 'ライト',
    themeDark: 'ダーク',
    sound: 'マイクとスピーカー',
    soundHelp: '声が届く前に、ここで選んで試せます。',
    about: 'このアプリについて',
    desktopVersion: 'デスクトップアプリ {{version}}',
  },
}
