// Attacks on what policies forbid, for benchmarks.

export { Attacked, type Tally } from './attack.ts'
export { type Forbidden, forbidden } from './operations.ts'
export { forbid, type WayName, ways, whyNot } from './ways.ts'
