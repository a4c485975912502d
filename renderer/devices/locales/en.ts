export const en = {
  title: 'Microphone and speaker',
  tryAgain: 'Try again',
  listeningWorks: 'Listening works all the same.',
  systemDefault: 'System default',
  unplugged: 'Chosen device (not connected)',
  microphone: {
    heading: 'Microphone',
    label: 'Microphone',
    unnamed: 'Microphone {{position}}',
    namesHidden: 'The names of your microphones appear once you have tested one.',
    test: 'Test microphone',
    opening: 'Opening the microphone…',
    speak: 'Say something: the bar should reach the middle.',
    level: 'Your level',
    echo: 'Record {{count}} seconds and play them back',
    recording: 'Recording, speak now…',
    playing: 'Playing it back…',
    echoFailed: 'The recording could not be made or played.',
    stop: 'End the test',
  },
  speaker: {
    heading: 'Speaker',
    label: 'Speaker',
    unnamed: 'Speaker {{position}}',
    systemOnly: 'This browser plays on the system’s own speaker; choose it in the system’s settings.',
    test: 'Play a test tone',
    playing: 'Playing…',
    failed: 'The tone could not be played. Is a speaker connected?',
  },
  tape: {
    heading: 'Recording of your voice',
    help: 'Where a room is recorded and you agree, your own computer records you too, without loss and before the network. You choose what it records.',
    sources: 'What is recorded',
    processed: {
      name: 'As the others hear you',
      help: 'Echo and noise are taken out. Right for most: loudspeakers, a fan, a street outside.',
    },
    unprocessed: {
      name: 'As your microphone delivers it',
      help: 'Nothing is taken out. Best for the mix, with headphones and in a quiet room. Where the microphone cannot be opened so, the other one is recorded.',
    },
    both: {
      name: 'Both',
      help: 'The host chooses later. Takes twice the space and twice the upload.',
    },
    channels: 'Channels of the microphone',
    mono: { name: 'One (mono)', help: 'Right for a voice.' },
    stereo: {
      name: 'Two (stereo)',
      help: 'For stereo microphones and mixing desks, where the microphone delivers two. Takes twice the space.',
    },
    storage: {
      app: 'The app stores your recording in its own folder until it is sent.',
      kept: 'Your recording is stored in this browser until it is sent. The browser has promised not to clear it by itself.',
      mayGo:
        'Your recording is stored in this browser until it is sent. If this computer runs very short of space, the browser may clear it before that.',
      none: 'This browser stores nothing that outlives the page (a private window, perhaps): your recording is kept in memory until it is sent, and what is not sent is lost with the page.',
      room_one: '{{size}} are free: enough for at least {{count, number}} hour.',
      room_other: '{{size}} are free: enough for at least {{count, number}} hours.',
      little: 'Only {{size}} are free: less than an hour. Make some space before a long recording.',
      ask: 'Ask the browser to keep it',
      refused:
        'The browser does not promise it now. Many do once you have used Engawa more often, or have installed it.',
    },
  },
  problem: {
    'denied-by-user': {
      title: 'The microphone is not allowed on this page',
      help: 'Allow it in the site settings, at the icon left of the address, then try again.',
    },
    'denied-by-system': {
      title: 'Your system keeps the microphone from this app',
      help: 'Open the privacy settings of your system, allow the microphone for this browser or app, then try again.',
    },
    'denied-by-policy': {
      title: 'The microphone is forbidden on this page',
      help: 'An administrator or the page around this one forbids it. Open Engawa in a window of its own, or ask the administrator.',
    },
    'no-device': {
      title: 'No microphone found',
      help: 'Plug one in or switch it on. It is noticed by itself.',
    },
    'in-use': {
      title: 'The microphone does not start',
      help: 'Another program may be using it, or the device hangs. Close other calls, unplug it and plug it in again.',
    },
    'device-gone': {
      title: 'The chosen microphone is not connected',
      help: 'Plug it in again, or choose another one.',
    },
    'insecure-context': {
      title: 'This page was opened without HTTPS',
      help: 'Browsers give the microphone only to pages with HTTPS or on localhost. Open the page by https://, on localhost, or use the desktop app.',
    },
    'unsupported-browser': {
      title: 'This browser cannot give a microphone',
      help: 'Use a current Chrome, Edge, Firefox or Safari, or the desktop app.',
    },
    unknown: {
      title: 'The microphone could not be opened',
      help: 'Try again. If it stays like this, choose another microphone or restart the browser.',
    },
  },
}
