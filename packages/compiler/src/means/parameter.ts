import { byPolicy } from '../hook/refusal.ts'
import { parameterRegisters } from '../hook/registers.ts'
import type { Means } from './means.ts'

/**
 * Sets a parameter of a function of user space: the whole register, whose upper half becomes 0. It
 * is written when the program ends, so events have the value that the caller passed. Linux 6.18.
 */
export const parameterMeans: Means<'Set', 'registers'> = {
  name: 'registers',
  guarantee: 'writes',
  refuses({ index }, { setsParameters }) {
    if (!setsParameters) return byPolicy('only parameters of functions of user space')
    if (index < parameterRegisters.length) return undefined
    return byPolicy(`parameter ${index} is not in a register`)
  },
  emit({ index, value }, { setParameter }) {
    setParameter?.(index, value)
    return undefined
  },
}
