import { expressionTest } from '../comparison.ts'
import { missing, number } from '../fields/field-readers.ts'
import type { FalcoFields } from '../fields/field-table.ts'
import { fileFields, twoPathFields } from '../fields/file-fields.ts'
import { test, unknown } from '../term.ts'
import type { View } from './view.ts'

const opened = fileFields('TargetFilename')
const withFlags: FalcoFields = {
  plain: {
    ...opened.plain,
    'evt.arg.flags': missing('rules do not see the flags of an open, only if it is for writing'),
    'evt.arg.mode': missing('rules do not see the mode of an open'),
  },
}

const modeBits: Readonly<Record<string, string>> = {
  S_ISUID: '^[4-7]\\d{3}$',
  S_ISGID: '^[2367]\\d{3}$',
  S_ISVTX: '^[1357]\\d{3}$',
}

/** `evt.arg.mode`: a text of names in Falco, octal digits here. */
const mode: FalcoFields['plain'][string] = (comparison) => {
  const { how, values } = comparison
  if (how !== 'contains' && how !== 'equals') return number('Mode')(comparison)
  const expressions = values.map((value) => modeBits[value])
  return expressions.includes(undefined as never)
    ? unknown(`of a mode, rules can test ${Object.keys(modeBits).join(', ')}`)
    : expressionTest('Mode', { cased: true, all: comparison.all }, expressions)
}

/** Opens, changes, renames and removals of files. */
export const fileViews: readonly View[] = [
  {
    category: 'file_access',
    types: ['open', 'openat', 'openat2'],
    opens: 'read',
    fields: withFlags,
  },
  {
    category: 'file_event',
    types: ['open', 'openat', 'openat2', 'creat'],
    opens: 'write',
    fields: withFlags,
  },
  {
    category: 'file_change',
    types: ['chmod', 'fchmod', 'fchmodat', 'fchmodat2'],
    base: test('Mode|exists', true),
    fields: {
      plain: { ...opened.plain, 'evt.arg.filename': opened.plain['fd.name'], 'evt.arg.mode': mode },
    },
  },
  {
    category: 'file_rename',
    types: ['rename', 'renameat', 'renameat2'],
    fields: twoPathFields('SourceFilename', 'TargetFilename'),
  },
  { category: 'file_delete', types: ['unlink', 'unlinkat', 'rmdir'], fields: opened },
]
