/** Members of an object of the API, of any content. */
export type Fields = Readonly<Record<string, unknown>>

/** The members of an object; none if it is something else. */
export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

/** The items of a list; none if it is something else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A text; empty if it is something else. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Members that are text. `__proto__` as a key is a member like others. */
export function texts(value: unknown): Readonly<Record<string, string>> {
  const all = Object.entries(fields(value))
  return Object.fromEntries(
    all.filter((each): each is [string, string] => typeof each[1] === 'string'),
  )
}
