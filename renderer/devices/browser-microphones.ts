import type { Microphone, MicrophoneAnswer, MicrophonePort } from '../room-session/ports.ts'
import { openLevelProbe } from './level-probe.ts'
import { classifyCaptureError, problemBeforeAsking } from './microphone-problem.ts'

/** The microphones of this computer. */
export const browserMicrophones: MicrophonePort = { open: openMicrophone, openUnprocessed }

/** Asks for a microphone; `deviceId` null is the system's default. Never throws: a no says why. */
export function openMicrophone(deviceId: string | null): Promise<MicrophoneAnswer> {
  return open(constraintsFor(deviceId))
}

/** As the converter delivers it, for a tape. Chromium gives both at once; the processing of the other is not touched. */
function openUnprocessed(deviceId: string, stereo: boolean): Promise<MicrophoneAnswer> {
  return open({
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false,
    channelCount: { ideal: stereo ? 2 : 1 },
    ...(deviceId !== '' && { deviceId: { exact: deviceId } }),
  })
}

async function open(audio: MediaTrackConstraints): Promise<MicrophoneAnswer> {
  const problem = problemBeforeAsking({
    isSecureContext: window.isSecureContext,
    hasGetUserMedia: typeof navigator.mediaDevices?.getUserMedia === 'function',
  })
  if (problem !== null) return { ok: false, problem }
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio })
    const track = stream.getAudioTracks()[0]
    return track === undefined ? { ok: false, problem: 'no-device' } : { ok: true, microphone: wrapOrStop(track) }
  } catch (error) {
    return { ok: false, problem: classifyCaptureError(error) }
  }
}

/** Speech in a room with loudspeakers: the browser's own processing is on. */
function constraintsFor(deviceId: string | null): MediaTrackConstraints {
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    channelCount: { ideal: 1 },
    ...(deviceId !== null && { deviceId: { exact: deviceId } }),
  }
}

/** A device that cannot be used is given back: else the browser's indicator would stay on. */
function wrapOrStop(track: MediaStreamTrack): Microphone {
  try {
    return wrap(track)
  } catch (error) {
    track.stop()
    throw error
  }
}

function wrap(track: MediaStreamTrack): Microphone {
  track.contentHint = 'speech'
  const probe = openLevelProbe(track)
  let stopped = false
  return {
    track,
    deviceId: track.getSettings().deviceId ?? '',
    label: track.label,
    fellBack: false,
    level: () => probe.level(),
    onEnded: (listener) => track.addEventListener('ended', () => !stopped && listener(), { once: true }),
    stop: () => {
      stopped = true
      probe.close()
      track.stop()
    },
  }
}
