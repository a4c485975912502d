export const en = {
  title: 'Recording',
  summary: {
    starting: 'Starting',
    safe: 'All safe',
    complete: 'All here',
    gaps_one: '{{count}} gap',
    gaps_other: '{{count}} gaps',
    look: 'Look at {{names}}',
  },
  kept: {
    onServer: 'Kept on this server.',
    onBoth: 'The speakers’ own recordings are kept on this server, the room’s own on the computer that runs it.',
    atHost: 'Kept only on the computer of {{host}}. What arrives here is handed on and removed from the server.',
  },
  stale: 'The connection is down: this is how it was before.',
  people: 'How safe each speaker’s recording is',
  self: '{{name}} (you)',
  state: {
    waiting: 'waiting for the first seconds',
    safe: 'safe up to {{time}}',
    behind: 'safe up to {{time}} · {{behind}} behind',
    silent: 'safe up to {{time}} · nothing heard since',
    complete: 'all here ({{time}})',
    absent: 'only the room’s own recording',
  },
  why: {
    behind: 'The rest is stored on their computer and comes as fast as their network lets it.',
    behindSelf: 'The rest is stored on your computer and is sent as fast as your network lets it.',
    silent: 'Their computer or its network is away. What it has recorded comes when it is back.',
    silentSelf:
      'Nothing has arrived at the server since. What your computer records is stored on it and sent as soon as it gets through.',
    absent: 'Nothing has come from their computer: its browser may be too old, or something keeps it from sending.',
    absentSelf: 'Nothing has come from your computer: its browser may be too old, or something keeps it from sending.',
  },
  gaps_zero: 'no gaps',
  gaps_one: '{{count}} gap ({{length}})',
  gaps_other: '{{count}} gaps ({{length}})',
  own: {
    starting: 'Your own recording is starting…',
    noMicrophone: 'You are not recorded: your microphone is not open.',
    failing:
      'Your own recording does not start on this computer. The room’s own recording of you goes on. A current Chrome, Edge, Firefox or Safari, or the desktop app, can do both.',
    facts: 'On this computer: recorded {{captured}} · stored {{stored}} · sent {{sent}}',
  },
  help: {
    open: 'What does “safe” mean?',
    title: 'What “safe” means',
    twice:
      'Everybody on stage is recorded twice. The room records what arrives over the network. And each speaker’s own computer records the microphone without loss, before the network can harm it.',
    safe: '“Safe up to 41:07” means: the lossless recording is stored on the server up to that moment of the recording, checked piece by piece, and the server has signed for it. It is normally some seconds behind.',
    safeAtHost:
      '“Safe up to 41:07” means: the lossless recording has arrived up to that moment of the recording, checked piece by piece, and the server has signed for it; from there it is handed on to the computer of {{host}}. It is normally some seconds behind.',
    behind:
      '“Behind” is no loss: the rest is stored on the speaker’s computer and is sent by itself, also after the room and after a crash. It is complete when it says “all here”.',
    gaps: 'A gap is a stretch where a microphone stalled, or of which a piece has not arrived yet. What stays missing is filled from the room’s own recording, and the studio shows where.',
    absent:
      '“Only the room’s own recording” means that nothing has come from that speaker’s computer. The room’s recording of them is there all the same.',
    close: 'Close',
  },
  ending: {
    title: 'Not everything is here yet',
    names: 'Still to come: {{names}}.',
    behind: '{{name}} ({{behind}})',
    silent: '{{name}} (from {{time}} on)',
    help: 'It comes by itself after the room, while they keep Engawa open or when they open it again on the same computer. You can also wait: this list goes away when all is here.',
  },
  news: {
    behind: 'The recording of {{name}} is behind.',
    behindSelf: 'Your recording is behind. It is stored on this computer.',
    caughtUp: 'The recording of {{name}} has caught up.',
    caughtUpSelf: 'Your recording has caught up.',
    absent: 'Of {{name}} there is only the room’s own recording.',
    absentSelf: 'Of you there is only the room’s own recording.',
    gap: 'The recording of {{name}} has a gap of {{length}}.',
    gapSelf: 'Your recording has a gap of {{length}}.',
    allHere: 'All recordings are here.',
  },
  seconds: '{{value, number}} s',
} as const
