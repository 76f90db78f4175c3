import { flag, text } from '@tetragon-ts/service/options'

/** Options of the command itself. */
export const commandOptions = {
  'pid-file': text({
    value: 'FILE',
    default: '/var/run/tetragon/tetragon.pid',
    help: 'file with the pid of the agent, locked while it runs',
  }),
  'config-dir': text({
    value: 'DIR',
    help: 'read options from files in DIR: the name of a file is the option, its content the value',
  }),
  'generate-docs': flag({ commandLineOnly: true, help: 'print all options as YAML and exit' }),
  help: flag({ short: 'h', commandLineOnly: true, help: 'print this help and exit' }),
  version: flag({ commandLineOnly: true, help: 'print the version and exit' }),
}
