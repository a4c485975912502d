/** The nearest of `targetsMs` within `reachMs`; `atMs` itself where none is so near. */
export function snapped(atMs: number, targetsMs: readonly number[], reachMs: number): number {
  let nearest = atMs
  let distanceMs = reachMs
  for (const target of targetsMs) {
    const away = Math.abs(target - atMs)
    if (away > distanceMs) continue
    nearest = target
    distanceMs = away
  }
  return nearest
}
