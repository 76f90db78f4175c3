import { flag, text } from '../option.ts'

/** The command itself. */
export const commandOptions = {
  'pid-file': text({
    value: 'FILE',
    default: '/var/run/tetragon/tetragon.pid',
    help: 'locked while the agent runs',
  }),
  help: flag({ short: 'h', help: 'this help' }),
  version: flag({ help: 'the version' }),
}
