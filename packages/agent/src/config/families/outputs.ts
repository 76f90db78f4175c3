import { readOutput } from '@tetragon-ts/outputs/specification'
import { BadValue, type Option, text } from '@tetragon-ts/service/options'

/**
 * A list of named URLs; these have no spaces, so values are separated by them.
 * @param kind of the things in it, for errors
 * @param read checks one
 */
export function namedUrls(
  kind: string,
  help: string,
  read: (text: string) => { readonly name: string },
): Option<readonly string[]> {
  return {
    kind: 'list',
    value: 'NAME=URL',
    help,
    default: '',
    separator: '\n',
    unset: [],
    read: (given) => {
      const texts = given.split(/\s+/).filter((text) => text !== '')
      const names = texts.map((text) => read(text).name)
      const twice = names.find((name, index) => names.indexOf(name) < index)
      if (twice !== undefined) throw new BadValue(`two ${kind} have the name ${twice}`)
      return texts
    },
  }
}

/** Receivers of events beside the export. */
export const outputOptions = {
  output: namedUrls(
    'outputs',
    'also send events to this receiver, such as siem=syslog+tcp://logs.example:601 or ' +
      'lake=https://logs.example?format=elasticsearch; can be repeated; ' +
      'docs/reference/outputs.md has all protocols and parameters',
    readOutput,
  ),
  'output-spool-dir': text({
    default: '/var/lib/tetragon/spool',
    value: 'FOLDER',
    help: 'where outputs with spool=SIZE keep events until their receivers have accepted them',
  }),
}
