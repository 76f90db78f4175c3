import { logLevels } from '../../log/log.ts'
import { choice, flag, text } from '../option.ts'

/** What the agent tells the operator. */
export const logOptions = {
  'log-level': choice({
    value: 'LEVEL',
    default: 'info',
    help: `what to tell: ${logLevels.join(', ')}; tetra loglevel changes it later`,
    choices: logLevels,
    aliases: { warn: 'warning' },
  }),
  debug: flag({ short: 'd', help: 'the same as --log-level=debug' }),
  'log-format': choice({
    value: 'FORMAT',
    default: 'text',
    help: 'text, or json: an object a line',
    choices: ['text', 'json'],
  }),
  'log-file': text({
    value: 'FILE',
    help: 'append to FILE what is written to stderr; SIGHUP opens it anew',
  }),
}
