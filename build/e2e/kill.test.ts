import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'
import { matchInLoop } from '../audio/envelope.ts'
import { durationMs } from '../audio/pcm.ts'
import { capture } from '../harness/capture.ts'
import { openPerson } from '../harness/person.ts'
import { descendantsOf, isAlive } from '../harness/processes.ts'
import { startProgram, temporaryFolder } from '../harness/program.ts'
import { account, connectionCount, createRoom, enterAsGuest, goLive, inRoomAgain, register } from '../harness/steps.ts'
import { matchTrack, readTake } from '../harness/takes.ts'

const LISTEN_MS = 11_500

/** The folder of the only take. */
async function onlyTake(dataFolder: string, besides: string[] = []): Promise<string> {
  const takes = path.join(dataFolder, 'takes')
  // Beside the rooms is where chunks arrive.
  const [roomId = ''] = (await readdir(takes)).filter((name) => !name.startsWith('.'))
  const [takeId = ''] = (await readdir(path.join(takes, roomId))).filter((name) => !besides.includes(name))
  return path.join(takes, roomId, takeId)
}

it('kill -9 of the whole program during a recorded room loses nothing: accounts, room, seats, and the recording up to the last second', async () => {
  await using folder = await temporaryFolder('kill')
  const first = await startProgram({ dataFolder: folder.path })
  await using hana = await openPerson({ voice: 'host' })
  await using gus = await openPerson({ voice: 'guest' })
  await register(hana.page, first.url, account('Hana'))
  const link = await createRoom(hana.page, first.url, { title: 'Killed' })
  await goLive(hana.page)
  await enterAsGuest(gus.page, link, 'Gus')
  await hana.page.getByRole('button', { name: 'Record', exact: true }).click()
  await gus.page
    .getByText(/Recording since/)
    .first()
    .waitFor()
  const said = await capture(hana.page, 'microphone', LISTEN_MS)

  const connections = await Promise.all([connectionCount(hana.page), connectionCount(gus.page)])
  const family = [first.pid, ...descendantsOf(first.pid)]
  const killedAtMs = Date.now()
  for (const pid of family) process.kill(pid, 'SIGKILL')
  await first.exited
  expect(family.filter(isAlive)).toEqual([])
  const takeFolder = await onlyTake(folder.path)

  const second = await startProgram({ dataFolder: folder.path, port: first.port })
  // Nobody clicks anything: both pages come back by themselves.
  await Promise.all([inRoomAgain(hana.page, connections[0]), inRoomAgain(gus.page, connections[1])])
  const heard = await capture(gus.page, 'heard', LISTEN_MS)
  expect(matchInLoop(heard.pcm, hana.clip).correlation).toBeGreaterThanOrEqual(0.8)
  await gus.page
    .getByText(/Recording since/)
    .first()
    .waitFor()

  const take = await readTake(takeFolder)
  expect(take.manifest.endedBy).toBe('crash')
  const [track] = take.tracks
  if (!track) throw new Error('no track')
  const playsUntilMs = track.startedAtMs + durationMs(track.pcm)
  console.log(`the recording plays until ${Math.round(killedAtMs - playsUntilMs)} ms before the kill`)
  expect(killedAtMs - playsUntilMs).toBeLessThan(1_000)
  expect(matchTrack(track, hana.clip, said).correlation).toBeGreaterThanOrEqual(0.8)

  // The account is there, and the take is found in the app.
  await hana.page.goto(`${second.url}/recordings`)
  await hana.page.getByText('Killed').first().waitFor()
  await second.stop()
})
