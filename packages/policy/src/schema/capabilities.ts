import { CapabilitiesType } from '@tetragon-ts/api'

/**
 * Numbers of capabilities by the names that policies use: those of the event messages, where
 * CAP_DAC_OVERRIDE is spelled `DAC_OVERRIDE`, and the kernel's name of that one.
 */
const numbers = new Map<string, number>(Object.entries(CapabilitiesType.values))
numbers.set('CAP_DAC_OVERRIDE', CapabilitiesType.values.DAC_OVERRIDE)

export const capabilityNames: readonly string[] = Object.keys(CapabilitiesType.values)

/** Other spellings of capabilities, and the ones of `capabilityNames` that they mean. */
export const capabilityAliases: Readonly<Record<string, string>> = {
  CAP_DAC_OVERRIDE: 'DAC_OVERRIDE',
}

/** Number of a capability by its name (include/uapi/linux/capability.h); undefined for others. */
export function capabilityNumber(name: string): number | undefined {
  return numbers.get(name)
}

/** All spellings. */
export function capabilitySpellings(): string[] {
  return [...numbers.keys()]
}
