import { CapabilitiesType } from '@tetragon-ts/api'

/**
 * Capability numbers by their names in policies: those of the event messages, where
 * CAP_DAC_OVERRIDE is spelled `DAC_OVERRIDE`, and the kernel's name for it.
 */
const numbers = new Map<string, number>(Object.entries(CapabilitiesType.values))
numbers.set('CAP_DAC_OVERRIDE', CapabilitiesType.values.DAC_OVERRIDE)

export const capabilityNames: readonly string[] = Object.keys(CapabilitiesType.values)

/** Alternative spellings of capabilities, with the names in `capabilityNames`. */
export const capabilityAliases: Readonly<Record<string, string>> = {
  CAP_DAC_OVERRIDE: 'DAC_OVERRIDE',
}

/** Number of a capability by its name (include/uapi/linux/capability.h); undefined if unknown. */
export function capabilityNumber(name: string): number | undefined {
  return numbers.get(name)
}

/** All spellings. */
export function capabilitySpellings(): string[] {
  return [...numbers.keys()]
}
