import { flag, text } from '../option.ts'

/** The command itself. */
export const commandOptions = {
  'pid-file': text({
    value: 'FILE',
    default: '/var/run/tetragon/tetragon.pid',
    help: 'locked while the agent runs',
  }),
  'config-dir': text({
    value: 'DIR',
    help: 'read options from the files of DIR: each has the name of an option and its value',
  }),
  'generate-docs': flag({
    commandLineOnly: true,
    help: 'print all options as YAML',
  }),
  help: flag({ short: 'h', commandLineOnly: true, help: 'this help' }),
  version: flag({ commandLineOnly: true, help: 'the version' }),
}
