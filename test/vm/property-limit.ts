import fc from 'fast-check'
import { propertyVariable } from './property-variable.ts'

/** The limit unless the variable says otherwise. Values are random, so each run tries others. */
const propertyRuns = 300

/**
 * Interrupts a property after a number of values, which it has passed then. What one that fails
 * tries in order to find a smaller value does not count.
 */
export function runsAtMost(limit: number): Parameters<typeof fc.installGlobalPlugin>[0] {
  return () => {
    let runs = 0
    let failed = false
    return {
      decorateRun: (run) => (value) => {
        if (!failed && ++runs > limit) return new fc.PreconditionFailure(true)
        const result = run(value)
        if (result === null || !('then' in result)) {
          failed ||= result !== null && !fc.PreconditionFailure.isFailure(result)
        }
        return result
      },
    }
  }
}

/** Loaded in front of tests with properties (`node --import`). */
const limit = Number(process.env[propertyVariable] ?? propertyRuns)
if (limit > 0) fc.installGlobalPlugin(runsAtMost(limit))
