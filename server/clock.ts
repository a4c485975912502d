/** Time is passed in: ms since the Unix epoch. */
export type NowMs = () => number

/**
 * For how long something took or is silent: unlike Date.now it is not stepped by NTP or by hand. Its zero is the start
 * of this process, so its times mean nothing to others. Source: https://www.w3.org/TR/hr-time-3/#sec-monotonic-clock
 */
export const steadyMs: NowMs = () => performance.now()
