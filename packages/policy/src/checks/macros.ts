import type { Check } from '../arguments/check.ts'
import type { SelectorDocument } from '../schema/selector.ts'
import type { SpecDocument } from '../schema/tracing-policy.ts'

type FieldName = Exclude<keyof SelectorDocument, 'at' | 'macros'>

const fieldNames: readonly FieldName[] = [
  'label',
  'matchPIDs',
  'matchArgs',
  'matchData',
  'matchCEL',
  'matchActions',
  'matchReturnArgs',
  'matchReturnActions',
  'matchBinaries',
  'matchParentBinaries',
  'matchCmdArgs',
  'matchNamespaces',
  'matchNamespaceChanges',
  'matchCapabilities',
  'matchCapabilityChanges',
  'matchWorkloads',
]

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined
}

/** Macros cannot use macros. */
export function checkMacros({ selectorsMacros }: SpecDocument, { findings }: Check): void {
  for (const macro of Object.values(selectorsMacros)) {
    if (macro.macros.length === 0) continue
    const message = 'a macro cannot use macros'
    findings.error(`${macro.at}.macros`, 'POLICY_MACRO', message, { key: true })
  }
}

/** A selector with the content of its macros. A field may be set by only one of them. */
export function expandMacros(
  selector: SelectorDocument,
  { selectorsMacros }: SpecDocument,
  { findings }: Check,
): SelectorDocument {
  if (selector.macros.length === 0) return selector
  let expanded = selector
  const origin = new Map<FieldName, string>()
  for (const name of fieldNames) if (isSet(selector[name])) origin.set(name, 'the selector itself')
  for (const [i, macroName] of selector.macros.entries()) {
    const path = `${selector.at}.macros[${i}]`
    if (!Object.hasOwn(selectorsMacros, macroName)) {
      const message = `no macro ${JSON.stringify(macroName)} in spec.selectorsMacros`
      const allowed = Object.keys(selectorsMacros)
      findings.error(path, 'POLICY_MACRO', message, { allowed, given: macroName })
      continue
    }
    for (const name of fieldNames) {
      const value = selectorsMacros[macroName][name]
      if (!isSet(value)) continue
      const other = origin.get(name)
      if (other !== undefined) {
        const message = `${name} comes from the macro ${JSON.stringify(macroName)} and from ${other}`
        findings.error(path, 'POLICY_MACRO', message)
        continue
      }
      origin.set(name, `the macro ${JSON.stringify(macroName)}`)
      expanded = { ...expanded, [name]: value }
    }
  }
  return expanded
}
