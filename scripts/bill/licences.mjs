// Licences that artefacts may contain: permissive ones, and those of libraries that are linked at
// run time. Add one after reading what it asks for: docs/verify.md.

import { SetupError } from '../setup.mjs'

const allowed = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'],
  // Libraries of the image, which programs link at run time.
  ...['LGPL-2.1-or-later', 'GPL-3.0-or-later WITH GCC-exception-3.1'],
])

/** Whether an SPDX expression permits it. Expressions with parentheses are refused. */
export function isAllowed(expression) {
  if (typeof expression !== 'string') return false
  const alternatives = expression.split(' OR ')
  return alternatives.some((each) => each.split(' AND ').every((id) => allowed.has(id)))
}

/** @throws SetupError if the licence of a component is missing or not in the list */
export function checkLicences(artefact, components) {
  const refused = components.filter(({ license }) => !isAllowed(license))
  if (refused.length === 0) return
  const names = refused.map(({ name, version, license }) => {
    return `${name} ${version} (${license ?? 'no licence'})`
  })
  throw new SetupError(`check licences of ${artefact}: not in the allow list: ${names.join(', ')}`)
}
