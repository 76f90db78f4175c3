import { logLevels } from '../../log.ts'
import { BadValue, flag, option } from '../option.ts'

/** What the agent tells the operator. */
export const logOptions = {
  'log-level': option({
    value: 'LEVEL',
    default: 'info',
    help: 'what to tell on stderr',
    read: (given) => {
      const wanted = given === 'warn' ? 'warning' : given
      const level = logLevels.find((each) => each === wanted)
      if (level !== undefined) return level
      throw new BadValue(`is not one of ${logLevels.join(', ')}`)
    },
  }),
  debug: flag({ short: 'd', help: 'the same as --log-level=debug' }),
}
