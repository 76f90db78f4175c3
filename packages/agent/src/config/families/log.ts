import { choice, flag, text } from '@tetragon-ts/service/options'
import { logLevels } from '../../log/log.ts'

/** The log. */
export const logOptions = {
  'log-level': choice({
    value: 'LEVEL',
    default: 'info',
    help: `lowest level to log: ${logLevels.join(', ')}; tetra loglevel changes it at run time`,
    choices: logLevels,
    aliases: { warn: 'warning' },
  }),
  debug: flag({ short: 'd', help: 'the same as --log-level=debug' }),
  'log-format': choice({
    value: 'FORMAT',
    default: 'text',
    help: 'text, or json: one object per line',
    choices: ['text', 'json'],
  }),
  'log-file': text({
    value: 'FILE',
    help: 'also append the log to FILE; SIGHUP opens it again',
  }),
}
