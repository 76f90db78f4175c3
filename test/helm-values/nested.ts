/** Values by their paths as nested objects: a file of values. */
export function nested(values: Readonly<Record<string, unknown>>): object {
  const root: Record<string, unknown> = {}
  for (const [path, value] of Object.entries(values)) {
    const groups = path.split('.')
    const name = groups.pop() ?? ''
    let group = root
    for (const each of groups) {
      group[each] ??= {}
      const inner = group[each]
      if (!isGroup(inner)) throw new Error(`nest values: ${each} is a value and a group`)
      group = inner
    }
    group[name] = value
  }
  return root
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
