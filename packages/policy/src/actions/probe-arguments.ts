import { uint32 } from '../fields/schema.ts'
import {
  type ActionContext,
  type ActionDocumentWith,
  type ActionFamily,
  missing,
} from './action.ts'

const fields = {
  argIndex: uint32('Set: number of the argument of the USDT probe, or of the parameter, from 0.'),
  argValue: uint32('Set: value to write.'),
}

/** The argument of a probe, or the parameter of a function, that Set writes, and the value. */
export interface SetValues {
  readonly index: number
  readonly value: number
}

export const probeArgumentActions = {
  Set: {
    effect: 'enforce',
    sections: ['usdts', 'uprobes'],
    fields,
    crdPosition: 12,
    doc:
      'Writes a 4-byte value to an argument of the probe, or sets a parameter of the function that is ' +
      'in a register (Linux 6.18).',
    check(document: ActionDocumentWith<typeof fields>, context: ActionContext): SetValues {
      const { argIndex: index = 0, argValue: value = 0 } = document
      if (document.argValue === undefined) missing(document, 'argValue', context)
      return { index, value }
    },
  },
} satisfies ActionFamily
