import { list, type Option, readInteger } from '@tetragon-ts/service/options'

const pidMax = 2 ** 32 - 1

/** An option for process ids. */
export function pidsOption(declaration: {
  readonly short?: string
  readonly help: string
}): Option<number[]> {
  return list({
    value: 'PIDS',
    ...declaration,
    each: (text) => readInteger(text, { min: 1, max: pidMax }, 'pid'),
  })
}
