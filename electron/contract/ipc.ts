/** The names of the calls between preload and main. Nobody else uses them. */
export const IPC = {
  serverUrl: 'engawa:server-url',
  hostingStart: 'engawa:hosting-start',
  hostingStop: 'engawa:hosting-stop',
  hostingStatus: 'engawa:hosting-status',
  /** From main to the page: a HostingStatus. */
  hostingStatusChanged: 'engawa:hosting-status-changed',
  openTakeFolder: 'engawa:open-take-folder',
} as const
