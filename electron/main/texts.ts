/** The few words that main itself says. Those of the page are in renderer/. */
export interface Texts {
  quitWhileHosting: string
  quitWhileHostingDetail: string
  endAndQuit: string
  keepHosting: string
  menu: { file: string; edit: string; view: string; window: string }
}

const ENGLISH: Texts = {
  quitWhileHosting: 'This computer is hosting a room.',
  quitWhileHostingDetail:
    'If you quit, nobody hears the room until you open Engawa again. Recordings are closed and kept.',
  endAndQuit: 'Quit',
  keepHosting: 'Keep hosting',
  menu: { file: 'File', edit: 'Edit', view: 'View', window: 'Window' },
}

const JAPANESE: Texts = {
  quitWhileHosting: 'このコンピューターでルームをホストしています。',
  quitWhileHostingDetail:
    '終了すると、次に Engawa を開くまで、ルームの音声は誰にも届きません。録音はそこで閉じられ、保存されます。',
  endAndQuit: '終了する',
  keepHosting: 'ホストを続ける',
  menu: { file: 'ファイル', edit: '編集', view: '表示', window: 'ウインドウ' },
}

/** @param locale BCP 47, e.g. `ja-JP` */
export function textsFor(locale: string): Texts {
  return locale.toLowerCase().startsWith('ja') ? JAPANESE : ENGLISH
}
