import { readNamed } from './named-numbers.ts'
import type { Operator, OperatorFamily, TestOf } from './operator.ts'

/** File types to compare with. */
export interface FileTypeTests {
  /** S_IFMT values of include/uapi/linux/stat.h. */
  'file-type': { readonly values: readonly bigint[] }
}

/** Types of files as S_IFMT has them (include/uapi/linux/stat.h). */
const fileTypes: Readonly<Record<string, number>> = {
  sock: 0o140000,
  socket: 0o140000,
  lnk: 0o120000,
  link: 0o120000,
  reg: 0o100000,
  regular: 0o100000,
  blk: 0o060000,
  block: 0o060000,
  dir: 0o040000,
  chr: 0o020000,
  char: 0o020000,
  fifo: 0o010000,
  pipe: 0o010000,
}

const fileType = {
  kinds: ['file'],
  count: 'some',
  doc: {
    values: Object.keys(fileTypes)
      .map((name) => `\`${name}\``)
      .join(' '),
    meaning: 'The type of the file.',
  },
  read({ all }): TestOf<FileTypeTests> {
    return { operator: 'file-type', values: all((text) => readNamed(text, fileTypes)) }
  },
} satisfies Operator

export const fileTypeOperators = {
  FileType: { ...fileType, crdPosition: 35 },
  NotFileType: { ...fileType, negated: true, crdPosition: 36 },
} satisfies OperatorFamily<FileTypeTests>
