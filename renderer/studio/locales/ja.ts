import type { LocaleOf } from '../../app/locale-of.ts'
import type { en } from './en.ts'
import { editor } from './ja-editor.ts'
import { here } from './ja-here.ts'
import { consent, exportWords, report, speaker } from './ja-report.ts'

export const ja: LocaleOf<typeof en> = {
  title: '録音',
  description: '話し手ごとにロスレスのトラックがあり、ルームで聞こえた音も別に残っています。',
  ofRoom: '一つのルームの録音',
  showAll: 'すべての録音を表示',
  loading: '録音を探しています…',
  empty: '録音はまだありません',
  emptyHelp: '配信中に「録音」を押すと、ファイルがすぐここに表示されます。',
  emptyAction: '自分のルームへ',
  speakers_one: '話し手 {{count}}人',
  speakers_other: '話し手 {{count}}人',
  noSpeakers: 'まだ誰も話していません',
  seconds: '{{value, number}}秒',
  state: {
    running: '録音中',
    sending: 'サーバーへ送信中',
    elsewhere: '{{node}}にあります',
    ready: '準備完了',
  },
  endedBy: {
    'node-closed': 'ルームを動かしていたコンピューターが終了したときに止まりました。',
    'disk-full': 'ディスクがいっぱいになり停止しました。それまでの録音はすべて残っています。',
    failed: '書き込めなくなったため停止しました。それまでの録音は残っています。',
    crash:
      'ルームを動かしていたコンピューターに障害が起きました。それまでの録音は残っており、次の起動時に閉じられました。',
  },
  continues: 'このルームの前の録音の続きです。',
  notFound: '録音が見つかりません',
  notFoundHelp: '別のアカウントの録音か、リンクが間違っている可能性があります。',
  back: 'すべての録音',
  take: {
    of: '「{{title}}」の録音',
    began: '{{when}}に開始',
    length: '長さ {{length}}',
    tracks: '話し手',
    edit: '編集とミックス',
    play: '{{name}}さんのトラックを再生',
    download: 'ダウンロード',
    downloadOne: '{{name}}さんのトラックをダウンロード',
    downloadAll: 'ルームの録音をダウンロード',
    openFolder: 'フォルダーで開く',
    folderNotHere: 'この録音はこのコンピューターにはありません。',
    startsAt: '{{time}}から',
    aligned: 'ルームのファイル一式です。take.jsonに各トラックの開始位置が入っているので、編集ソフトで揃えられます。',
    elsewhere:
      'ルームの録音は、ルームを動かしたコンピューター（{{node}}）にだけあります。そのコンピューターのデスクトップアプリで「フォルダーで開く」を押してください。',
    sending: 'ルームの録音をサーバーへ送っています。すべて届くと再生できます。',
    running: 'まだ録音中です。話すあいだ、トラックは伸びていきます。',
    noTracks: 'トラックはありません。録音に同意した人の発言がありませんでした。',
    showRoom: 'ルームを表示',
  },
  report,
  speaker,
  consent,
  exports: exportWords,
  here,
  editor,
}
