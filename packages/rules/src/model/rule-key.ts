/**
 * What findings, counts and states call a rule, a correlation or a filter: it remains the same when
 * the text of a rule with an id or a name changes.
 */
export function ruleKey({
  id,
  name,
  title,
}: {
  readonly id?: string
  readonly name?: string
  readonly title: string
}): string {
  return id ?? name ?? title
}
