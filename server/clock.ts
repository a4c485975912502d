/** Time is passed in: ms since the Unix epoch. */
export type NowMs = () => number
