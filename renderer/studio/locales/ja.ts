import type { LocaleOf } from '../../app/locale-of.ts'
import type { en } from './en.ts'

export const ja: LocaleOf<typeof en> = {
  title: '録音',
  description: '話し手ごとに、ルームで聞こえたままのファイルがあります。',
  ofRoom: '一つのルームの録音',
  showAll: 'すべての録音を表示',
  loading: '録音を探しています…',
  empty: '録音はまだありません',
  emptyHelp: '配信中に「録音」を押すと、ファイルがすぐここに表示されます。',
  emptyAction: '自分のルームへ',
  speakers_one: '話し手 {{count}}人',
  speakers_other: '話し手 {{count}}人',
  noSpeakers: 'まだ誰も話していません',
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
    play: '{{name}}さんのトラックを再生',
    download: 'ダウンロード',
    downloadOne: '{{name}}さんのトラックをダウンロード',
    downloadAll: 'すべてのファイルをダウンロード',
    openFolder: 'フォルダーで開く',
    folderNotHere: 'この録音はこのコンピューターにはありません。',
    startsAt: '{{time}}から',
    aligned:
      'すべてダウンロードするとtake.jsonも付いてきます。各トラックの開始位置が入っているので、編集ソフトで揃えられます。',
    elsewhere:
      'ファイルはルームを動かしたコンピューター（{{node}}）にだけあります。そのコンピューターのデスクトップアプリで「フォルダーで開く」を押してください。',
    sending: 'ファイルをサーバーへ送っています。すべて届くと再生できます。',
    running: 'まだ録音中です。話すあいだ、トラックは伸びていきます。',
    noTracks: 'トラックはありません。録音に同意した人の発言がありませんでした。',
    showRoom: 'ルームを表示',
  },
}
