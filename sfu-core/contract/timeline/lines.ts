/** Straight lines and chains of them, fitted to measured points. Pure. */

/** A chain of straight lines: `[x, y]`, x rising. Beyond its ends it goes on as its last stretch does. */
export type Knots = readonly (readonly [x: number, y: number])[]

export interface WeightedPoint {
  x: number
  y: number
  /** How far off it may well be. */
  sigma: number
}

export interface Line {
  /** `y = atX0 + slope * (x - x0)`. */
  x0: number
  atX0: number
  slope: number
  /** Standard errors. */
  slopeSigma: number
  atX0Sigma: number
}

export function lineAt(line: Line, x: number): number {
  return line.atX0 + line.slope * (x - line.x0)
}

/** The value of a chain at `x`. NaN for an empty one. */
export function chainAt(knots: Knots, x: number): number {
  const right = knots.findIndex(([knotX]) => knotX >= x)
  const at = Math.max(1, right < 0 ? knots.length - 1 : right)
  const [a, b] = [knots[at - 1], knots[at]]
  if (!a) return Number.NaN
  if (!b || b[0] === a[0]) return a[1]
  return a[1] + ((b[1] - a[1]) * (x - a[0])) / (b[0] - a[0])
}

/** Residuals beyond this many sigmas count for less (Huber's k): one bad point in ten does not move the line. */
const ROBUST_SIGMAS = 1.5
const ROBUST_ROUNDS = 4

/**
 * The line through weighted points, robust against outliers. `priorSlopeSigma`: the slope is believed to be 0 give
 * or take so much, unless the points know better; few points close together therefore give a flat line.
 */
export function fitLine(points: readonly WeightedPoint[], priorSlopeSigma: number): Line {
  let line = leastSquares(points, priorSlopeSigma, () => 1)
  for (let round = 1; round < ROBUST_ROUNDS; round++) {
    const before = line
    line = leastSquares(points, priorSlopeSigma, (point) => {
      const sigmas = Math.abs(point.y - lineAt(before, point.x)) / point.sigma
      return sigmas <= ROBUST_SIGMAS ? 1 : ROBUST_SIGMAS / sigmas
    })
  }
  // Where the points scatter by more than they claim, the line is worth less than it claims.
  const scatter =
    median(points.map((point) => Math.abs(point.y - lineAt(line, point.x)) / point.sigma)) / MEDIAN_OF_NORMAL
  const worse = Math.max(1, scatter)
  return { ...line, slopeSigma: line.slopeSigma * worse, atX0Sigma: line.atX0Sigma * worse }
}

/** Half of what is normally distributed lies within this many sigmas. */
const MEDIAN_OF_NORMAL = 0.6745

/** 0 for nothing. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

function leastSquares(
  points: readonly WeightedPoint[],
  priorSlopeSigma: number,
  trust: (point: WeightedPoint) => number,
): Line {
  let [sum, sumX, sumY] = [0, 0, 0]
  const weighted = points.map((point) => ({ ...point, weight: trust(point) / point.sigma ** 2 }))
  for (const { x, y, weight } of weighted) {
    sum += weight
    sumX += weight * x
    sumY += weight * y
  }
  const [x0, y0] = [sumX / sum, sumY / sum]
  let [sumXX, sumXY] = [priorSlopeSigma ** -2, 0]
  for (const { x, y, weight } of weighted) {
    sumXX += weight * (x - x0) ** 2
    sumXY += weight * (x - x0) * (y - y0)
  }
  return { x0, atX0: y0, slope: sumXY / sumXX, slopeSigma: sumXX ** -0.5, atX0Sigma: sum ** -0.5 }
}

/** A curve is believed where it leaves the line by more than this many of its sigmas ... */
const WANDER_SIGMAS = 3

export interface CurveOptions {
  priorSlopeSigma: number
  /** How much the slope may change on the way. */
  bendSlopeSigma: number
  /** Of what has at least this much of x around it, and MIN_NEIGHBOURS points, one piece of the curve is made. */
  halfWidth: number
  /** Distance of the curve's knots. */
  knotDistance: number
  /** ... and by this much. */
  minWander: number
}

/** A local line has at least so many points. */
const MIN_NEIGHBOURS = 8

export interface Curve {
  line: Line
  /** At least two. */
  knots: Knots
}

/**
 * A line through points in order of x; where the points plainly leave it, a curve. Clocks that run evenly give a
 * line, which two hours of points fix far better than any stretch of it.
 */
export function fitCurve(points: readonly WeightedPoint[], options: CurveOptions): Curve {
  const line = fitLine(points, options.priorSlopeSigma)
  const [first, last] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 0]
  const straight: Knots = [first, Math.max(last, first + 1)].map((x) => [x, lineAt(line, x)] as const)
  const steps = Math.floor((last - first) / options.knotDistance)
  if (steps < 2) return { line, knots: straight }
  const xs = Array.from({ length: steps + 1 }, (_, i) => first + ((last - first) * i) / steps)
  const bends = xs.map((x) => bendAt(points, line, { ...options, x }))
  const isBent = bends.some(({ y, sigma }) => Math.abs(y) > options.minWander && Math.abs(y) > WANDER_SIGMAS * sigma)
  if (!isBent) return { line, knots: straight }
  return { line, knots: xs.map((x, i) => [x, lineAt(line, x) + (bends[i]?.y ?? 0)] as const) }
}

/** How far the points around `x` lie beside the line. */
function bendAt(points: readonly WeightedPoint[], line: Line, options: CurveOptions & { x: number }) {
  const { x, bendSlopeSigma } = options
  const distances = points.map((point) => Math.abs(point.x - x)).sort((a, b) => a - b)
  const width = Math.max(options.halfWidth, (distances[MIN_NEIGHBOURS - 1] ?? distances.at(-1) ?? 0) * 1.1)
  const near = points
    .filter((point) => Math.abs(point.x - x) < width)
    .map((point) => {
      // Cleveland's tricube weight.
      const weight = Math.max(1e-3, (1 - (Math.abs(point.x - x) / width) ** 3) ** 3)
      return { x: point.x, y: point.y - lineAt(line, point.x), sigma: point.sigma / Math.sqrt(weight) }
    })
  const local = fitLine(near, bendSlopeSigma)
  const sigma = Math.hypot(local.atX0Sigma, local.slopeSigma * (x - local.x0))
  return { y: lineAt(local, x), sigma }
}
