import { options } from './families/index.ts'

/** All options as YAML, in the format of the original's documentation. */
export function optionDocs(): string {
  const items = [...options].map(([name, { short, default: initial, choices, help, noEffect }]) => {
    const names = choices === undefined ? '' : ` (${choices.join(', ')})`
    const usage = `${help}${names}${noEffect === undefined ? '' : ` (no effect: ${noEffect})`}`
    const rows = [
      `    - name: ${name}`,
      ...(short === undefined ? [] : [`      shorthand: ${short}`]),
      ...(initial === '' ? [] : [`      default_value: ${JSON.stringify(initial)}`]),
      `      usage: ${JSON.stringify(usage)}`,
    ]
    return `${rows.join('\n')}\n`
  })
  return `name: tetragon\nsynopsis: eBPF-based security observability\noptions:\n${items.join('')}`
}
