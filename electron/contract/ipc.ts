/** The names of the calls between preload and main. Nobody else uses them. */
export const IPC = {
  serverUrl: 'engawa:server-url',
  hostingStart: 'engawa:hosting-start',
  hostingStop: 'engawa:hosting-stop',
  hostingStatus: 'engawa:hosting-status',
  /** From main to the page: a HostingStatus. */
  hostingStatusChanged: 'engawa:hosting-status-changed',
  openTakeFolder: 'engawa:open-take-folder',
  studioTake: 'engawa:studio-take',
  studioStart: 'engawa:studio-start',
  studioCancel: 'engawa:studio-cancel',
  studioOpenExports: 'engawa:studio-open-exports',
  /** From main to the page: a LocalJob. */
  studioJobChanged: 'engawa:studio-job-changed',
  /** Carries a MessagePort that speaks contract/tapes.ts. */
  tapePort: 'engawa:tape-port',
} as const
