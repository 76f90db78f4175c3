import type { TextOption } from './command.ts'

/**
 * The option of commands that print text or JSON.
 * @param json what the JSON output is, for the help
 */
export function outputOption(json?: string): TextOption {
  return {
    kind: 'text',
    short: 'o',
    value: 'FORMAT',
    default: 'text',
    choices: ['text', 'json'],
    help: json === undefined ? 'Output format' : `Output format; json is ${json}`,
  }
}
