import { escapeUnprintable } from '@tetragon-ts/api'
import type { Verdict } from './admission.ts'

/** The API server truncates longer warnings, and all of them above 4096 characters. */
const warningMax = 256
const warningsMax = 16
const errorsMax = 20

/** What a validation has found. */
export interface FoundProblem {
  readonly severity: 'error' | 'warning'
  /** Its position, message and code. */
  readonly line: string
}

/** Refuses an object with errors; warnings are shown in any case, as far as the API server does. */
export function verdictOf(found: readonly FoundProblem[]): Verdict {
  const lines = (wanted: FoundProblem['severity'], max: number): string[] => {
    const all = found.filter(({ severity }) => severity === wanted)
    const shown = all.slice(0, max).map(({ line }) => escapeUnprintable(line))
    return all.length > max ? [...shown, `and ${all.length - max} more`] : shown
  }
  const errors = lines('error', errorsMax)
  const warnings = lines('warning', warningsMax - 1).map(shortened)
  if (errors.length === 0) return { allowed: true, warnings }
  return { allowed: false, message: errors.join('\n'), warnings }
}

/** Adds warnings in front of those of a verdict, up to the number that the API server shows. */
export function withFurtherWarnings(verdict: Verdict, found: readonly string[]): Verdict {
  const all = [...found.map(shortened), ...(verdict.warnings ?? [])]
  const more = all.length - warningsMax + 1
  const shown = more > 1 ? [...all.slice(0, -more), `and ${more} more`] : all
  return { ...verdict, warnings: shown }
}

/** The start and the end of a long warning: the end has the path in the object and the code. */
function shortened(line: string): string {
  if (line.length <= warningMax) return line
  const [end] = /(?: \([^()]{1,100}\))? \[\w+\]$/.exec(line) ?? ['']
  return `${line.slice(0, warningMax - end.length - 1)}…${end}`
}
