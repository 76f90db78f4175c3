import type { Int } from '@tetragon-ts/ebpf/lang'
import { isOneOf } from './integer.ts'
import type { Operator } from './operator.ts'

/** S_IFMT in include/uapi/linux/stat.h. */
const typeMask = 0o170000

const fileTypeOperator: Operator<'file-type'> = {
  needs: () => 'mode',
  condition: ([{ value }], { values }, context) =>
    isOneOf((value.mode as () => Int)().and(typeMask), values, context),
}

export const fileTypeOperators = { 'file-type': fileTypeOperator }
