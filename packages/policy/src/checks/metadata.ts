import type { Check } from '../arguments/check.ts'
import type { MetadataDocument, PolicyDocumentForm } from '../schema/tracing-policy.ts'

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'
const subdomain = new RegExp(`^${label}(?:\\.${label})*$`)
const singleLabel = new RegExp(`^${label}$`)

function checkName({ name, at }: MetadataDocument, { findings }: Check): void {
  if (name.length <= 253 && subdomain.test(name)) return
  const message =
    name.length > 253
      ? 'the name is longer than 253 letters'
      : `invalid name ${JSON.stringify(name)}: lower-case letters, digits, "-" and "." are allowed, ` +
        'a letter or digit at the beginning and end'
  findings.error(`${at}.name`, 'POLICY_NAME', message)
}

/** Checks the name of a policy (DNS-1123) and returns its namespace; empty for cluster policies. */
export function checkMetadata({ kind, metadata }: PolicyDocumentForm, check: Check): string {
  if (!check.isBroken(metadata)) checkName(metadata, check)
  const { namespace, at } = metadata
  if (kind === 'TracingPolicy') {
    if (namespace !== undefined) {
      const message = 'a TracingPolicy is cluster-wide: its namespace has no effect'
      check.findings.warning(`${at}.namespace`, 'POLICY_IGNORED', message, { key: true })
    }
    return ''
  }
  if (namespace === undefined) return 'default'
  if (namespace.length > 63 || !singleLabel.test(namespace)) {
    const message = `invalid namespace name ${JSON.stringify(namespace)}`
    check.findings.error(`${at}.namespace`, 'POLICY_NAME', message)
  }
  return namespace
}
