/** The few words that main itself says. Those of the page are in renderer/. */
export interface Texts {
  quitWhileHosting: string
  quitWhileHostingDetail: string
  endAndQuit: string
  keepHosting: string
  quitWithTapes: (count: number, size: string) => string
  quitWithTapesDetail: string
  sendThenQuit: string
  quitNow: string
  cancel: string
  menu: { file: string; edit: string; view: string; window: string }
}

const ENGLISH: Texts = {
  quitWhileHosting: 'This computer is hosting a room.',
  quitWhileHostingDetail:
    'If you quit, nobody hears the room until you open Engawa again. Recordings are closed and kept.',
  endAndQuit: 'Quit',
  keepHosting: 'Keep hosting',
  quitWithTapes: (count, size) =>
    count === 1
      ? `A recording of your voice (${size}) is not sent yet.`
      : `${count} recordings of your voice (${size}) are not sent yet.`,
  quitWithTapesDetail:
    'Nothing is lost if you quit: the rest is sent when you open Engawa again. Until then it is on this computer only.',
  sendThenQuit: 'Send in the background, then quit',
  quitNow: 'Quit now',
  cancel: 'Cancel',
  menu: { file: 'File', edit: 'Edit', view: 'View', window: 'Window' },
}

const JAPANESE: Texts = {
  quitWhileHosting: 'このコンピューターでルームをホストしています。',
  quitWhileHostingDetail:
    '終了すると、次に Engawa を開くまで、ルームの音声は誰にも届きません。録音はそこで閉じられ、保存されます。',
  endAndQuit: '終了する',
  keepHosting: 'ホストを続ける',
  quitWithTapes: (count, size) => `まだ送信されていない音声の録音が ${count} 件（${size}）あります。`,
  quitWithTapesDetail:
    '終了しても失われません。残りは次に Engawa を開いたときに送信されます。それまでは、このコンピューターにしかありません。',
  sendThenQuit: 'バックグラウンドで送信してから終了',
  quitNow: '今すぐ終了',
  cancel: 'キャンセル',
  menu: { file: 'ファイル', edit: '編集', view: '表示', window: 'ウインドウ' },
}

/** @param locale BCP 47, e.g. `ja-JP` */
export function textsFor(locale: string): Texts {
  return locale.toLowerCase().startsWith('ja') ? JAPANESE : ENGLISH
}
