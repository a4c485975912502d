interface Search {
  /** The first count to try. */
  from: number
  /** Counts below and above are not tried. */
  least: number
  limit: number
  /** Ends when the good and the bad count are this near: 0.05 is 5 %. */
  precision: number
  /** Asked before each step but the first: no ends the search with what is known. */
  mayGoOn(): boolean
  /** Whether this many are served well. */
  holds(count: number): Promise<boolean>
}

/** The largest count that holds, by doubling and then halving the interval; 0 where not even the least does. */
export async function findMaximum({ from, least, limit, precision, mayGoOn, holds }: Search): Promise<number> {
  let good = 0
  let bad = Number.POSITIVE_INFINITY
  let count = Math.min(from, limit)
  do {
    if (await holds(count)) good = count
    else bad = count
    count = Number.isFinite(bad) ? Math.floor((good + bad) / 2) : Math.min(good * 2, limit)
  } while (good < limit && bad - good > Math.max(1, precision * good) && count >= least && mayGoOn())
  return good
}
