export const en = {
  strip: {
    count_one: '{{count}} recording of your voice is still to be sent ({{size}})',
    count_other: '{{count}} recordings of your voice are still to be sent ({{size}})',
    heard_one: '{{count}} recording of your voice is still to be sent',
    heard_other: '{{count}} recordings of your voice are still to be sent',
    sending: 'sending…',
    raw: 'waiting',
    waiting: {
      connection: 'waiting for the connection',
      space: 'waiting for space on the server',
      server: 'waiting for the server',
    },
    stuck_one: '{{count}} recording of your voice is not taken by the server',
    stuck_other: '{{count}} recordings of your voice are not taken by the server',
    held_one: '{{count}} recording of your voice belongs to another server',
    held_other: '{{count}} recordings of your voice belong to another server',
    show: 'Show',
    progress: 'Recordings being sent',
  },
  allSent: 'Your recordings are at the server now, complete.',
  dialog: {
    title: 'Recordings on this computer',
    intro:
      'Your own computer recorded your voice without loss. What is listed here is not yet complete on the server. It is sent by itself while any page of Engawa is open, and is deleted here when the server has it.',
    stuckIntro:
      'Your own computer recorded your voice without loss. The server does not have what is listed here: it stays stored on this computer until that changes or you discard it.',
    leftTitle: 'Your recording is still being sent',
    leftIntro:
      'You have left the room, but part of your voice is still only on this computer. You can wait here, or close this and go on with something else: it is sent while any page of Engawa is open. If you close Engawa, it is sent at the next start on this computer.',
    leftStuckTitle: 'Part of your recording is only on this computer',
    signOutTitle: 'Sign out before everything is sent?',
    signOutIntro:
      'Part of your voice is still only on this computer. Wait here until it is sent, or sign out now: it is sent while any page of Engawa is open, and at the next start on this computer. It stays stored here until then, also when somebody else uses this computer.',
    capturing: 'Your voice is being recorded right now. Signing out takes you out of the room and ends that.',
    fleeting:
      'This browser keeps it in memory only: it is lost when you close or reload this page. Wait until it is sent, or save it to a file.',
    empty: 'No recording of your voice is waiting on this computer any more.',
    close: 'Close',
    goOn: 'Go on without waiting',
    stay: 'Stay',
    signOut: 'Sign out',
    signOutNow: 'Sign out now',
  },
  tape: {
    length: '{{length}} long',
    unprocessed: 'as the microphone delivered it',
    progress: 'Sending the recording of {{title}}',
    sent: '{{sent}} of {{length}} sent, {{size}} to go',
    sending: 'Sending…',
    elsewhere: 'Another page of Engawa in this browser sends it.',
    raw: 'A part of Engawa could not be loaded, so the sound waits unpacked on the disk. It is tried again by itself.',
    waiting: {
      connection: 'Waiting for the connection. It goes on by itself.',
      space: 'The server has no space for it at the moment. Tell whoever runs it; it goes on by itself.',
      server: 'The server cannot take it at the moment ({{reason}}). It is tried again by itself.',
    },
    refused: 'The server does not take it: {{reason}}.',
    refusedHelp: 'Save it to a file and give that to the host of the room, or discard it.',
    held: 'It belongs to another server ({{server}}), and is sent when Engawa is used with that one again.',
    save: 'Save to a file',
    saveOne: 'Save to a file: {{title}}',
    saving: 'Saving…',
    saved: 'Saved to a file',
    savedToast: 'The recording is saved.',
    saveFailed: 'The file could not be written. Is there enough space? The recording is still here.',
    retry: 'Try now',
    discard: 'Discard',
    discardOne: 'Discard: {{title}}',
  },
  discard: {
    title: 'Discard this recording for good?',
    what: '{{length}} of your voice from “{{title}}” ({{when}}, {{size}}) exist only on this computer. They cannot be brought back.',
    saved: 'You have saved it to a file, which stays.',
    notSaved: 'You have not saved it to a file.',
    confirm: 'Discard for good',
    cancel: 'Keep it',
  },
  trouble: {
    'memory-only': {
      title: 'This browser keeps your recording in memory only',
      help: 'It does so in private windows, for example. Keep this page open until all is sent: closing or reloading it loses what is not.',
    },
    'storage-full': {
      title: 'There is no space left on this computer',
      help: 'New sound is kept in memory and sent as fast as possible. Delete something, and keep this page open: closing or reloading it loses what is in memory.',
    },
    'no-sound': {
      title: 'No sound comes from your microphone',
      help: 'Nothing can be recorded on this computer until it does. Look whether the microphone is plugged in, or choose another one.',
    },
    waiting: {
      connection: {
        title: 'Your recording cannot be sent at the moment',
        help: 'It is stored on this computer and sent by itself when the connection is back.',
      },
      space: {
        title: 'The server has no space for your recording at the moment',
        help: 'It is stored on this computer and sent by itself as soon as there is space. Tell the host.',
      },
      server: {
        title: 'The server cannot take your recording at the moment',
        help: 'It is stored on this computer and tried again by itself.',
      },
    },
    refused: {
      title: 'The server does not take your recording: {{reason}}',
      help: 'It goes on and is stored on this computer. After the room you can save it to a file and give that to the host.',
    },
    'other-server': {
      title: 'Your recording belongs to another server',
      help: 'It is stored on this computer and sent when Engawa is used with that server again.',
    },
    'not-encoded': {
      title: 'A part of Engawa could not be loaded',
      help: 'Your recording goes on and is stored on this computer. It is sent as soon as that part could be loaded.',
    },
  },
  seconds: '{{value, number}} s',
} as const
