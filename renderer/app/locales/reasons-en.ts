/** One entry for each ReasonCode, and for `offline`, which the page itself finds out. */
export const en = {
  offline: {
    title: 'No connection to the server',
    help: 'Engawa keeps trying to connect. Do this again once the connection is back.',
  },
  'room-not-found': {
    title: 'This room does not exist',
    help: 'Check the link, or ask the person who sent it for a new one.',
  },
  'room-not-live': { title: 'This room is not live', help: 'You can enter as soon as its host goes live.' },
  'room-full': { title: 'This room is full', help: 'Try again when somebody has left.' },
  'invite-needed': {
    title: 'This room is private',
    help: 'Open the invite link that its host sent you. An old link stops working when the host makes a new one.',
  },
  'name-needed': { title: 'We need a name', help: 'Enter the name that the others should see.' },
  removed: { title: 'You were removed from this room', help: 'You cannot come back until the room ends.' },
  'too-many-requests': { title: 'That was too often', help: 'Wait a moment, then try again.' },
  'token-malformed': { title: 'Your pass to the room is not valid', help: 'Enter the room again.' },
  'token-expired': { title: 'Your pass to the room has run out', help: 'Enter the room again.' },
  'token-altered': { title: 'Your pass to the room is not valid', help: 'Enter the room again.' },
  'token-wrong-room': { title: 'Your pass belongs to another room', help: 'Enter this room again.' },
  'token-wrong-node': {
    title: 'The room has moved to another computer',
    help: 'Enter the room again to follow it.',
  },
  'token-wrong-audience': { title: 'Your pass to the room is not valid', help: 'Enter the room again.' },
  'seat-unknown': { title: 'Your seat is no longer kept', help: 'Enter the room again to get a new one.' },
  'offer-malformed': {
    title: 'Your browser could not agree with the room',
    help: 'Load the page again. If it happens once more, try another browser.',
  },
  'offer-unsupported': {
    title: 'Your browser cannot play this room',
    help: 'It lacks the Opus sound format or secure audio. Update it or use another one.',
  },
  'media-failed': {
    title: 'No sound could get through',
    help: 'Your network may block UDP. Try another network, or turn off a VPN.',
  },
  'not-allowed': { title: 'You may not do that here', help: 'Only hosts and co-hosts can.' },
  'not-on-stage': { title: 'That works only on stage', help: 'Raise your hand to be brought on stage.' },
  'not-in-room': { title: 'This person is no longer in the room', help: 'Nothing needs to be done.' },
  'stage-full': { title: 'The stage is full', help: 'Move somebody to the audience first.' },
  'consent-needed': {
    title: 'This room is being recorded',
    help: 'You can come on stage once you agree that your voice is recorded.',
  },
  'nothing-to-do': { title: 'That is already so', help: 'Nothing needs to be done.' },
  'disk-full': {
    title: 'The disk is full, so recording stopped',
    help: 'What was recorded until then is kept. Make space on the computer that runs the room, then record again.',
  },
  'recording-failed': {
    title: 'The recording could not be written',
    help: 'Check the disk of the computer that runs the room, then record again.',
  },
  'no-take': { title: 'Nothing is being recorded', help: 'Start a recording first.' },
  'chunk-damaged': {
    title: 'A piece of a recording arrived damaged',
    help: 'It is still on the computer that recorded it and is sent again by itself.',
  },
  'chunk-conflict': {
    title: 'A piece of a recording does not fit the others',
    help: 'Save the recording to a file on the computer that made it, and give that file to the host.',
  },
  'quota-exceeded': {
    title: 'There is no more space for recordings on this server',
    help: 'Delete recordings you no longer need, or ask whoever runs the server for more space. Nothing on your computer is lost.',
  },
  'edits-changed': {
    title: 'This take was edited somewhere else',
    help: 'Load the page again to see those edits, then make yours.',
  },
  'render-failed': {
    title: 'The studio could not finish this',
    help: 'Try again. The recordings themselves are untouched.',
  },
  'take-not-ready': {
    title: 'The tracks are not ready yet',
    help: 'They are made by themselves once the recording has ended and all of its sound has arrived.',
  },
  'kept-by-host': {
    title: "This recording is on the host's computer only",
    help: 'Open it in the Engawa app on that computer.',
  },
  'sound-unusable': {
    title: 'This file cannot be used',
    help: 'Choose a sound file of at most 30 minutes, for example MP3, WAV, FLAC, M4A or Ogg.',
  },
  'server-disk-full': {
    title: 'There is no space left on the server',
    help: 'Ask whoever runs it to make space, then try again. The recordings themselves are untouched.',
  },
  'node-gone': {
    title: 'The computer that runs this room is not reachable',
    help: 'The room comes back when that computer does. Your seat is kept for a while.',
  },
  'node-busy': { title: 'Very many people are entering', help: 'Wait a few seconds, then try again.' },
  'node-unknown': {
    title: 'The server does not know the computer that should run this room',
    help: 'Quit the desktop app, start it again and go live once more.',
  },
  'no-relay': {
    title: 'This server has no relay running',
    help: 'Host the room on your own computer with the desktop app, or ask who runs the server to start a relay.',
  },
  'timed-out': { title: 'That took too long', help: 'Try again.' },
  replaced: {
    title: 'You entered this room in another window',
    help: 'The other window has your seat now. Enter here to take it back.',
  },
  left: { title: 'You left the room', help: 'Enter again whenever you like.' },
  'room-ended': { title: 'This room has ended', help: 'Thank you for being here.' },
  'sign-in-needed': { title: 'Please sign in first', help: 'This needs an account.' },
  'input-invalid': { title: 'Something was not filled in rightly', help: 'Check what you entered and try again.' },
  'message-too-large': { title: 'That was too much at once', help: 'Make it shorter and try again.' },
  'server-error': {
    title: 'The server made a mistake',
    help: 'Try again. If it keeps happening, tell the person who runs the server.',
  },
} as const
