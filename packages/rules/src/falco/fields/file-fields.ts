import type { FieldReader } from '../comparison.ts'
import { folder, lastPart, missing, text } from './field-readers.ts'
import type { FalcoFields } from './field-table.ts'

/** Fields of the file that an operation is about. */
export function fileFields(field: string): FalcoFields {
  const whole = text(field)
  return {
    plain: {
      'fd.name': whole,
      'fd.nameraw': whole,
      'fd.filename': lastPart(field),
      'fd.directory': folder(field),
      'fs.path.name': whole,
      'fs.path.nameraw': whole,
      'evt.arg.name': whole,
      'evt.arg.path': whole,
      'evt.arg.pathname': whole,
      'evt.abspath': whole,
    },
  }
}

/** Fields of an operation with an old and a new path. */
export function twoPathFields(source: string, target: string): FalcoFields {
  const [old, now]: FieldReader[] = [text(source), text(target)]
  const either = missing('name the path: fs.path.source or fs.path.target')
  return {
    plain: {
      'fs.path.source': old,
      'fs.path.sourceraw': old,
      'fs.path.target': now,
      'fs.path.targetraw': now,
      'fs.path.name': either,
      'evt.arg.oldpath': old,
      'evt.arg.newpath': now,
    },
  }
}
