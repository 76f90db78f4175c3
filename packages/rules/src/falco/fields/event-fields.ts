import type { FieldReader, How } from '../comparison.ts'
import { always, never, not, or, type Term, unknown } from '../term.ts'
import type { View } from '../views/view.ts'
import { missing } from './field-readers.ts'
import type { FalcoFields } from './field-table.ts'

/** A flag whose value the view decides. */
function decided(isTrue: boolean): FieldReader {
  const term = isTrue ? always : never
  return ({ values }) => or(values.map((value) => (/^(?:true|1)$/.test(value) ? term : not(term))))
}

const type =
  ({ types }: View): FieldReader =>
  ({ how, values }) => {
    if (how === 'exists') return always
    if (how !== 'equals') return unknown('the type of an event is compared with =, != and in only')
    return values.some((value) => types.includes(value)) ? always : never
  }

/**
 * A hook decides when a call begins. Conditions on success are left out, so that calls that fail
 * match too; what is about failures only cannot be answered.
 */
function result(means: (how: How, value: string) => boolean): FieldReader {
  return ({ how, values }) => {
    return values.some((value) => means(how, value))
      ? always
      : unknown('rules see a call when it begins, not its error')
  }
}

const succeeded = result((how, value) => (how === 'gt' || how === 'gte') && Number(value) >= -1)

/** Fields `evt.*` that a view decides, the same for all its events. */
export function eventFields(view: View): FalcoFields {
  const isFile = view.opens !== undefined
  return {
    plain: {
      'evt.type': type(view),
      'syscall.type': type(view),
      // Later releases of Falco have the end of a call only.
      'evt.dir': ({ values }) => (values.includes('<') ? always : never),
      'evt.source': ({ values }) => (values.includes('syscall') ? always : never),
      'evt.is_open_read': decided(view.opens === 'read'),
      'evt.is_open_write': decided(view.opens === 'write'),
      'evt.is_open_exec': decided(false),
      'evt.is_open_create': isFile
        ? missing('rules do not see if an open created the file')
        : decided(false),
      'evt.res': result((how, value) => how === 'equals' && value === 'SUCCESS'),
      'evt.rawres': succeeded,
      'evt.failed': result((how, value) => how === 'equals' && value === 'false'),
      ...(isFile
        ? { 'fd.typechar': isKind('f'), 'fd.type': isKind('file'), 'fd.num': succeeded }
        : {}),
    },
    indexed: { 'evt.type.is': (name) => () => (view.types.includes(name) ? always : never) },
  }
}

function isKind(kind: string): FieldReader {
  return ({ values }): Term => (values.includes(kind) ? always : never)
}
