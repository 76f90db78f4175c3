const plainKey = /^[A-Za-z_][\w-]*$/

/**
 * Path of a member: `spec.kprobes`, or `metadata.labels["a.b/c"]` for keys that are not
 * identifiers.
 */
export function memberPath(path: string, key: string): string {
  if (!plainKey.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}

/** Path of an item: `spec.kprobes[0]`. */
export function itemPath(path: string, index: number): string {
  return `${path}[${index}]`
}

/** Splits a path; stops at the first invalid part. */
export function pathSteps(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  const step = /\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y
  for (let match = step.exec(path); match !== null; match = step.exec(path)) {
    if (match[1] !== undefined) steps.push(match[1])
    else if (match[2] !== undefined) steps.push(Number(match[2]))
    else steps.push(JSON.parse(match[3]) as string)
  }
  return steps
}
