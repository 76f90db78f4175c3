import { choice, flag, text } from '@tetragon-ts/service/options'
import { logLevels } from '../../log/log.ts'

/** The log. */
export const logOptions = {
  'log-level': choice({
    value: 'LEVEL',
    default: 'info',
    help: 'lowest level to log; tetra loglevel changes it at run time',
    choices: logLevels,
    synonyms: { warn: 'warning' },
  }),
  debug: flag({ short: 'd', help: 'the same as --log-level=debug' }),
  'log-format': choice({
    value: 'FORMAT',
    default: 'text',
    help: 'format of the log; json is one object per line',
    choices: ['text', 'json'],
  }),
  'log-file': text({ value: 'FILE', help: 'also append the log to FILE; SIGHUP opens it again' }),
}
