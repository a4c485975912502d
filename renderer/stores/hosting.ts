import { create } from 'zustand'
import type { HostingStatus } from '../../electron/contract/bridge.ts'

interface HostingStore {
  status: HostingStatus
  setStatus: (status: HostingStatus) => void
}

/** Whether this computer runs rooms now. Stays `off` in a browser. */
export const useHosting = create<HostingStore>((set) => ({
  status: { state: 'off' },
  setStatus: (status) => set({ status }),
}))
