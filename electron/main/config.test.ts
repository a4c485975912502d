import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { DEFAULT_SERVER_URL, readConfig, SETTINGS_FILE_NAME, userDataFolderFrom } from './config.ts'

const places = (settings?: string) => {
  const userDataFolder = mkdtempSync(path.join(tmpdir(), 'engawa-config-'))
  if (settings !== undefined) writeFileSync(path.join(userDataFolder, SETTINGS_FILE_NAME), settings)
  return { appFolder: '/app', userDataFolder, packaged: true }
}

test('the environment wins over the settings, and they over the default', () => {
  const settings = '{"serverUrl":"https://engawa.example/some/path"}'
  expect(readConfig({ ENGAWA_SERVER_URL: 'http://10.0.0.7:9000/' }, places(settings)).serverUrl).toBe(
    'http://10.0.0.7:9000',
  )
  expect(readConfig({}, places(settings)).serverUrl).toBe('https://engawa.example')
  expect(readConfig({}, places()).serverUrl).toBe(DEFAULT_SERVER_URL)
})

test('a wrong address is named by its variable or file', () => {
  expect(() => readConfig({ ENGAWA_SERVER_URL: 'javascript:alert(1)' }, places())).toThrow(/ENGAWA_SERVER_URL/)
  expect(() => readConfig({}, places('{"serverUrl":7}'))).toThrow(/settings\.json/)
  expect(() => readConfig({}, places('not json'))).toThrow(/settings\.json/)
})

test('takes lie in the user data folder, which lies in the one data folder where that is given', () => {
  const given = places()
  expect(readConfig({}, given).takesFolder).toBe(path.join(given.userDataFolder, 'takes'))
  expect(userDataFolderFrom({ ENGAWA_DATA: '/srv/engawa' })).toBe(path.resolve('/srv/engawa/desktop'))
  expect(userDataFolderFrom({})).toBeUndefined()
})

test('what reaches this computer from outside is read with the rest', () => {
  expect(readConfig({ ENGAWA_RTC_PORT_RANGE: '40000-40100' }, places()).rtc.portRange).toEqual([40_000, 40_100])
  expect(() => readConfig({ ENGAWA_RTC_PORT_RANGE: 'any' }, places())).toThrow(/ENGAWA_RTC_PORT_RANGE/)
})

test('the studio`s bundle lies beside the archive of a packaged app, and with the others elsewhere', () => {
  const archive = path.join('/opt', 'engawa', 'resources', 'app.asar')
  const packaged = readConfig({}, { ...places(), appFolder: archive })
  expect(packaged.studioHostFile).toBe(path.join(`${archive}.unpacked`, '.vite', 'build', 'studio-host.mjs'))
  expect(packaged.sfuHostFile).toBe(path.join(archive, '.vite', 'build', 'sfu-host.mjs'))
  expect(readConfig({}, places()).studioHostFile).toBe(path.join('/app', '.vite', 'build', 'studio-host.mjs'))
})
