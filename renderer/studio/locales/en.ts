import { editor } from './en-editor.ts'
import { here } from './en-here.ts'
import { consent, exportWords, report, speaker } from './en-report.ts'

export const en = {
  title: 'Recordings',
  description: 'Every speaker has a lossless track of their own, and what the room heard beside it.',
  ofRoom: 'Recordings of one room',
  showAll: 'Show all recordings',
  loading: 'Looking for your recordings…',
  empty: 'No recordings yet',
  emptyHelp: 'Press “Record” while your room is live. The files appear here at once.',
  emptyAction: 'To my rooms',
  speakers_one: '{{count}} speaker',
  speakers_other: '{{count}} speakers',
  noSpeakers: 'Nobody has spoken yet',
  seconds: '{{value, number}} s',
  state: {
    running: 'Recording now',
    sending: 'Being sent to the server',
    elsewhere: 'On {{node}}',
    ready: 'Ready',
  },
  endedBy: {
    'node-closed': 'Ended when the computer that ran the room was shut down.',
    'disk-full': 'Stopped because the disk was full. What was recorded until then is complete.',
    failed: 'Stopped because it could not be written any more. What was recorded until then is here.',
    crash:
      'The computer that ran the room failed. What was recorded until then is here; it was closed at the next start.',
  },
  continues: 'Goes on from an earlier recording of this room.',
  notFound: 'This recording is not here',
  notFoundHelp: 'It may belong to another account, or the link is mistyped.',
  back: 'All recordings',
  take: {
    of: 'Recording of {{title}}',
    began: 'Began {{when}}',
    length: 'Length {{length}}',
    tracks: 'Speakers',
    edit: 'Edit and mix',
    play: 'Play the track of {{name}}',
    download: 'Download',
    downloadOne: 'Download the track of {{name}}',
    downloadAll: 'Download what the room heard',
    openFolder: 'Open in folder',
    folderNotHere: 'This recording is not on this computer.',
    startsAt: 'Comes in at {{time}}',
    aligned:
      'All of the room’s own files, with take.json: it says where each begins, so that editors can line them up.',
    elsewhere:
      'The room’s files are only on the computer that ran the room ({{node}}). There, “Open in folder” in the desktop app shows them.',
    sending: 'The room’s files are still on their way to the server. They can be played as soon as all have arrived.',
    running: 'The recording is still running. Tracks grow while people speak.',
    noTracks: 'No tracks: nobody who agreed to be recorded spoke.',
    showRoom: 'Show the room',
  },
  report,
  speaker,
  consent,
  exports: exportWords,
  here,
  editor,
} as const
