import type { PolicyCase } from '../policy-case.ts'
import { macroCases } from './macros.ts'
import { orderCases } from './order.ts'

/** A file for each question about selectors. */
export const selectorCases: readonly PolicyCase[] = [...orderCases, ...macroCases]
