import path from 'node:path'
import { FuseV1Options, FuseVersion } from '@electron/fuses'
import { MakerDeb } from '@electron-forge/maker-deb'
import { MakerZIP } from '@electron-forge/maker-zip'
import { FusesPlugin } from '@electron-forge/plugin-fuses'
import { VitePlugin } from '@electron-forge/plugin-vite'
import { APP_ID, DESKTOP_FUSES, isPackaged, MICROPHONE_REASON, UNPACKED } from './build/packaging/packaging.ts'
import { buildWeb } from './build/web.ts'

/**
 * For `electron-forge start`, `package` and `make`. The page is built by the hooks (its build is not Forge's), the
 * bundles by the Vite plugin. Where Electron's release server cannot be reached, ENGAWA_ELECTRON_ZIP_FOLDER names a
 * folder that has its zip.
 */
const electronZipDir = process.env['ENGAWA_ELECTRON_ZIP_FOLDER']

const config = {
  packagerConfig: {
    name: 'Engawa',
    executableName: 'engawa',
    appBundleId: APP_ID,
    appCategoryType: 'public.app-category.social-networking',
    icon: path.join(import.meta.dirname, 'build', 'packaging', 'icon'),
    asar: { unpack: UNPACKED.files, unpackDir: UNPACKED.folder },
    ignore: (file: string) => !isPackaged(file),
    // Everything but FFmpeg is in the bundles: there is nothing to prune, and looking takes 20 s.
    prune: false,
    ...(electronZipDir ? { electronZipDir } : {}),
    extendInfo: { NSMicrophoneUsageDescription: MICROPHONE_REASON },
  },
  makers: [
    new MakerZIP({}),
    new MakerDeb({
      options: {
        name: 'engawa',
        bin: 'engawa',
        categories: ['AudioVideo', 'Audio', 'Network'],
        icon: path.join(import.meta.dirname, 'build', 'packaging', 'icon.png'),
      },
    }),
  ],
  plugins: [
    new VitePlugin({
      build: [
        { entry: 'electron/main/index.ts', config: 'build/vite.main.config.ts', target: 'main' },
        { entry: 'electron/preload/index.ts', config: 'build/vite.preload.config.ts', target: 'preload' },
        { entry: 'electron/sfu-host/index.ts', config: 'build/vite.sfu-host.config.ts', target: 'main' },
        { entry: 'electron/studio-host/mix-worker.ts', config: 'build/vite.mix-worker.config.ts', target: 'main' },
        { entry: 'electron/studio-host/index.ts', config: 'build/vite.studio-host.config.ts', target: 'main' },
      ],
      renderer: [],
    }),
    new FusesPlugin({
      version: FuseVersion.V1,
      ...Object.fromEntries(
        Object.entries(DESKTOP_FUSES).map(([name, on]) => [FuseV1Options[name as keyof typeof DESKTOP_FUSES], on]),
      ),
    }),
  ],
  hooks: {
    generateAssets: async () => {
      await buildWeb()
    },
  },
}

export default config
