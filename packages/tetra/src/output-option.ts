import { choice, type Option } from '@tetragon-ts/service/options'

/**
 * The option of commands that print text or JSON.
 * @param json what the JSON output is, for the help
 */
export function outputOption(json?: string): Option<'text' | 'json'> {
  return choice({
    short: 'o',
    value: 'FORMAT',
    default: 'text',
    choices: ['text', 'json'],
    help: json === undefined ? 'Output format' : `Output format; json is ${json}`,
  })
}
