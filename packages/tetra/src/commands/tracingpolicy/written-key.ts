import type { YAMLMap } from 'yaml'

/**
 * How a map spells the key of a field: agents take names of fields without regard to case. The name
 * itself where the map does not have the field.
 */
export function writtenKey(map: YAMLMap, name: string): string {
  const keys = map.items.map(({ key }) => String((key as { value?: unknown } | null)?.value ?? key))
  const lower = name.toLowerCase()
  return keys.find((key) => key === name) ?? keys.find((key) => key.toLowerCase() === lower) ?? name
}
