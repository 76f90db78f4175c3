/**
 * A time of which a part is random, so that processes that start or fail together do not stay in
 * step.
 * @param ms the mean
 * @param spread largest difference from the mean, as a part of it
 * @param random from 0 to 1
 */
export function jittered(ms: number, spread = 0.5, random = Math.random()): number {
  return ms * (1 + spread * (2 * random - 1))
}
