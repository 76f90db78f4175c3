import type { ArgumentType } from './argument-type.ts'

/** An argument that is not read. */
const nopType: ArgumentType = {
  facets: [],
  expects: { kind: 'anything' },
  shape: {},
  tailMax: 0,
  costly: false,
  lasts: true,
  read: () => ({ fields: () => ({}) }),
  json() {},
}

export const nopTypes = { nop: nopType }
