import fc from 'fast-check'
import { propertyVariable } from './property-variable.ts'

/** The default limit. Values are random, so each run uses others. */
const propertyRuns = 200

/**
 * Ends a property after a number of values, as passed. Values of the shrinking phase do not count.
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

/** Loaded before tests with properties (`node --import`). */
const limit = Number(process.env[propertyVariable] ?? propertyRuns)
if (limit > 0) fc.installGlobalPlugin(runsAtMost(limit))
