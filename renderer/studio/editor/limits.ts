/** The longest stretch of the mix to listen to before rendering all of it. Longer ones take as long as they help. */
export const PREVIEW_LENGTH_MS = 30_000
/** After the last change, edits are saved this soon. */
export const SAVE_PAUSE_MS = 800
/** A save that the line or the server swallowed is tried again after this. */
export const SAVE_RETRY_MS = 5_000
