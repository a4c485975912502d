import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../harness/program.ts'
import { endChild, startChild } from '../load/children.ts'
import { SFU_CORE } from '../load/cores.ts'
import { MissingPackages } from '../load/native.ts'
import { listeningAnswer, readRemoteEnd, simpleOffer } from '../load/sdp.ts'
import { connectJanus, type JanusHandle, type JanusSession } from './janus-session.ts'
import type { Joiner, Sfu } from './sfu.ts'

const ROOM = 1
const START_TIMEOUT_MS = 10_000

/** Debian's package has its plugins under the architecture's library folder. */
const MODULE_FOLDERS: Partial<Record<NodeJS.Architecture, string>> = {
  x64: '/usr/lib/x86_64-linux-gnu/janus',
  arm64: '/usr/lib/aarch64-linux-gnu/janus',
}

/** How Janus runs its handles: a thread each, its default, or all on one event loop, which is cheaper on one core. */
export type JanusThreads = 'as installed' | 'one event loop'

/**
 * Debian's Janus with its VideoRoom plugin, as a room of sound only: nothing else loaded, ICE-lite (fewer checks), no log of
 * ordinary events. Speakers publish; a listener subscribes to all of them in one connection.
 */
export async function startJanus(threads: JanusThreads): Promise<Sfu> {
  const folder = await mkdtemp(path.join(tmpdir(), 'engawa-janus-'))
  const port = await freePort()
  await writeConfiguration(folder, { port, threads })
  // setpriv: it ends with the bench even where the bench is killed.
  const args = ['--pdeathsig', 'KILL', 'janus', '-F', folder, '-d', '3', '-o']
  const child = await startChild('setpriv', args, { core: SFU_CORE, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    const session = await connectWhenReady(`ws://127.0.0.1:${port}`, child)
    // It has read its configuration.
    await rm(folder, { recursive: true, force: true })
    await createRoom(session)
    return {
      ...participantsOf(session),
      name: `Janus, ${threads}`,
      pid: child.pid,
      [Symbol.asyncDispose]: async () => {
        session.close()
        await endChild(child)
      },
    }
  } catch (error) {
    await endChild(child)
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function writeConfiguration(
  folder: string,
  { port, threads }: { port: number; threads: JanusThreads },
): Promise<void> {
  const modules = MODULE_FOLDERS[process.arch] ?? '/usr/lib/janus'
  const write = (name: string, text: string) => writeFile(path.join(folder, name), text)
  await write(
    'janus.jcfg',
    `general: {
  configs_folder = "${folder}"
  plugins_folder = "${modules}/plugins"
  transports_folder = "${modules}/transports"
  session_timeout = 0
  ${threads === 'one event loop' ? 'event_loops = 1' : ''}
}
nat: { ice_lite = true }
media: { ipv6 = false }
plugins: { disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so" }
transports: { disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so" }
`,
  )
  await write(
    'janus.transport.websockets.jcfg',
    `general: { json = "compact", ws = true, ws_port = ${port}, ws_ip = "127.0.0.1", wss = false }\nadmin: { admin_ws = false, admin_wss = false }\n`,
  )
  await write('janus.plugin.videoroom.jcfg', 'general: { events = false }\n')
}

async function connectWhenReady(url: string, child: { exitCode: number | null }): Promise<JanusSession> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const session = await connectJanus(url).catch(() => null)
    if (session) return session
    if (child.exitCode !== null)
      throw new MissingPackages('Janus is the peer of this bench; install with: apt-get install janus')
    if (performance.now() > deadlineMs) throw new Error('Janus does not answer')
    await sleep(100)
  }
}

async function createRoom(session: JanusSession): Promise<void> {
  const handle = await session.attach()
  await handle.request({
    request: 'create',
    room: ROOM,
    publishers: 16,
    audiocodec: 'opus',
    opus_dtx: true,
    notify_joining: false,
    audiolevel_event: false,
    transport_wide_cc_ext: false,
  })
}

function participantsOf(session: JanusSession): Pick<Sfu, 'join' | 'leave'> {
  const handles = new Map<number, JanusHandle>()
  const publishers: number[] = []

  const publish = async (handle: JanusHandle, joiner: Joiner) => {
    await handle.message({ request: 'join', ptype: 'publisher', room: ROOM, id: joiner.id })
    const offer = { type: 'offer', sdp: simpleOffer(joiner, 'sendonly') } as const
    const { sdp } = await handle.message({ request: 'publish', audiocodec: 'opus' }, offer)
    publishers.push(joiner.id)
    return readRemoteEnd(sdp ?? '')
  }

  const subscribe = async (handle: JanusHandle, joiner: Joiner) => {
    const streams = publishers.map((feed) => ({ feed }))
    const { sdp = '' } = await handle.message({ request: 'join', ptype: 'subscriber', room: ROOM, streams })
    await handle.message({ request: 'start' }, { type: 'answer', sdp: listeningAnswer(sdp, joiner) })
    return readRemoteEnd(sdp)
  }

  return {
    join: async (joiner) => {
      const handle = await session.attach()
      handles.set(joiner.id, handle)
      return joiner.role === 'speaker' ? publish(handle, joiner) : subscribe(handle, joiner)
    },
    leave: async (ids) => {
      await Promise.all(ids.map((id) => handles.get(id)?.detach()))
      for (const id of ids) handles.delete(id)
    },
  }
}
