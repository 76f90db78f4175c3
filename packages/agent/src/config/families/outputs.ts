import { readOutput } from '@tetragon-ts/outputs/specification'
import { BadValue, type Option, text } from '@tetragon-ts/service/options'

/** Outputs, by name; URLs have no spaces, so values are separated by them. */
const output: Option<readonly string[]> = {
  kind: 'list',
  value: 'NAME=URL',
  help:
    'also send events to this receiver, such as siem=syslog+tcp://logs.example:601 or ' +
    'lake=https://logs.example?format=elasticsearch; can be repeated; ' +
    'docs/reference/outputs.md has all protocols and parameters',
  default: '',
  separator: '\n',
  unset: [],
  read: (given) => {
    const texts = given.split(/\s+/).filter((text) => text !== '')
    const names = texts.map((text) => readOutput(text).name)
    const twice = names.find((name, index) => names.indexOf(name) < index)
    if (twice !== undefined) throw new BadValue(`two outputs have the name ${twice}`)
    return texts
  },
}

/** Receivers of events beside the export. */
export const outputOptions = {
  output,
  'output-spool-dir': text({
    default: '/var/lib/tetragon/spool',
    value: 'FOLDER',
    help: 'where outputs with spool=SIZE keep events until their receivers have accepted them',
  }),
}
