import type { LocaleOf } from '../../app/locale-of.ts'
import type { en } from './en.ts'

export const ja: LocaleOf<typeof en> = {
  title: 'マイクとスピーカー',
  tryAgain: 'もう一度試す',
  listeningWorks: '聴くことはこのままできます。',
  systemDefault: 'システムの既定',
  unplugged: '選択した機器（未接続）',
  microphone: {
    heading: 'マイク',
    label: 'マイク',
    unnamed: 'マイク {{position}}',
    namesHidden: 'マイクの名前は、一度テストすると表示されます。',
    test: 'マイクをテスト',
    opening: 'マイクを準備しています…',
    speak: '話してみてください。バーが真ん中まで届けば大丈夫です。',
    level: '自分の音量',
    echo: '{{count}}秒録音して再生',
    recording: '録音中です。話してください…',
    playing: '再生しています…',
    echoFailed: '録音または再生ができませんでした。',
    stop: 'テストを終える',
  },
  speaker: {
    heading: 'スピーカー',
    label: 'スピーカー',
    unnamed: 'スピーカー {{position}}',
    systemOnly: 'このブラウザではシステムのスピーカーで再生されます。システムの設定で選んでください。',
    test: 'テスト音を鳴らす',
    playing: '再生しています…',
    failed: 'テスト音を再生できませんでした。スピーカーはつながっていますか？',
  },
  problem: {
    'denied-by-user': {
      title: 'このページではマイクが許可されていません',
      help: 'アドレスの左のアイコンからサイトの設定を開き、マイクを許可して、もう一度試してください。',
    },
    'denied-by-system': {
      title: 'システムがマイクの使用を止めています',
      help: 'システムのプライバシー設定で、このブラウザまたはアプリにマイクを許可して、もう一度試してください。',
    },
    'denied-by-policy': {
      title: 'このページではマイクの使用が禁止されています',
      help: '管理者、またはこのページを埋め込んでいるページが禁止しています。Engawaを単独のウィンドウで開くか、管理者にたずねてください。',
    },
    'no-device': {
      title: 'マイクが見つかりません',
      help: 'マイクをつなぐか、電源を入れてください。自動で認識されます。',
    },
    'in-use': {
      title: 'マイクを開始できません',
      help: 'ほかのプログラムが使っているか、機器が応答していません。ほかの通話を閉じ、つなぎ直してみてください。',
    },
    'device-gone': {
      title: '選択したマイクがつながっていません',
      help: 'つなぎ直すか、別のマイクを選んでください。',
    },
    'insecure-context': {
      title: 'このページはHTTPSで開かれていません',
      help: 'ブラウザがマイクを許可するのは、HTTPSかlocalhostのページだけです。https:// で開くか、localhostで開くか、デスクトップアプリを使ってください。',
    },
    'unsupported-browser': {
      title: 'このブラウザではマイクを使えません',
      help: '最新のChrome、Edge、Firefox、Safari、またはデスクトップアプリを使ってください。',
    },
    unknown: {
      title: 'マイクを開けませんでした',
      help: 'もう一度試してください。変わらなければ、別のマイクを選ぶか、ブラウザを再起動してください。',
    },
  },
}
