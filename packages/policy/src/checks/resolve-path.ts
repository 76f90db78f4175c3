const step = /(?:^|\.)([A-Za-z_]\w*)|\[(\d{1,9})\]/y

/**
 * Splits `mm.owner[3].comm` into members and array indexes; undefined if it is not of this form. An
 * index may be first.
 */
export function parseResolve(text: string): (string | number)[] | undefined {
  const steps: (string | number)[] = []
  let end = 0
  step.lastIndex = 0
  for (let match = step.exec(text); match !== null; match = step.exec(text)) {
    steps.push(match[1] ?? Number(match[2]))
    end = step.lastIndex
  }
  return end === text.length && end > 0 && !text.startsWith('.') ? steps : undefined
}
