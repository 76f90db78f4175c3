import type { PolicyCase } from '../policy-case.ts'
import { functionCases } from './functions.ts'
import { listCases } from './lists.ts'
import { lsmCases } from './lsm-hooks.ts'
import { processFilterCases } from './process-filters.ts'
import { returnCases } from './returns.ts'
import { syscallCases } from './syscalls.ts'
import { tracepointCases } from './tracepoints.ts'
import { uprobeCases } from './uprobes.ts'
import { usdtCases } from './usdts.ts'

/** A file for each kind of hook. */
export const hookCases: readonly PolicyCase[] = [
  ...syscallCases,
  ...functionCases,
  ...tracepointCases,
  ...lsmCases,
  ...listCases,
  ...returnCases,
  ...uprobeCases,
  ...usdtCases,
  ...processFilterCases,
]
