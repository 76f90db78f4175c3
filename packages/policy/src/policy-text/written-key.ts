import type { YAMLMap } from 'yaml'

/**
 * The spelling of a field's key in a map: agents ignore the case of field names. The name itself if
 * the map does not have the field.
 */
export function writtenKey(map: YAMLMap, name: string): string {
  const keys = map.items.map(({ key }) => String((key as { value?: unknown } | null)?.value ?? key))
  const lower = name.toLowerCase()
  return keys.find((key) => key === name) ?? keys.find((key) => key.toLowerCase() === lower) ?? name
}
