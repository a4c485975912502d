interface Search {
  /** The first count to try. */
  from: number
  /** Counts above are not tried. */
  limit: number
  /** Ends when the good and the bad count are this near: 0.05 is 5 %. */
  precision: number
  /** Whether this many are served well. */
  holds(count: number): Promise<boolean>
}

/** The largest count that holds, by doubling and then halving the interval; 0 where not even one does. */
export async function findMaximum({ from, limit, precision, holds }: Search): Promise<number> {
  let good = 0
  let bad = Number.POSITIVE_INFINITY
  let count = Math.min(from, limit)
  while (good < limit && bad - good > Math.max(1, precision * good)) {
    if (await holds(count)) good = count
    else bad = count
    count = Number.isFinite(bad) ? Math.floor((good + bad) / 2) : Math.min(good * 2, limit)
  }
  return good
}
