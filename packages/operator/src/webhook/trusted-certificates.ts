import { X509Certificate } from 'node:crypto'
import { certificatesOf } from '../certificates/pem.ts'

/**
 * Maximum number of certificates of replicas: those of replicas that have ended stay until they
 * expire, or until newer ones need their place.
 */
const replicasMax = 16

/**
 * The certificates that the API server trusts, with those of this replica.
 * @param bundle PEM; what is not a certificate is dropped
 * @param own certificates of this replica
 * @param commonName of certificates of all replicas; others are kept as they are
 */
export function trustAlso(
  bundle: string,
  own: readonly string[],
  commonName: string,
  now: number,
): string {
  const subject = `CN=${commonName}`
  const all = certificatesOf(bundle).flatMap((pem) => readable(pem) ?? [])
  const foreign = all.filter((each) => each.certificate.subject !== subject)
  const replicas = all.filter(
    ({ certificate, pem }) =>
      certificate.subject === subject &&
      Date.parse(certificate.validTo) > now &&
      !own.some((each) => isSame(each, pem)),
  )
  const newestFirst = replicas.toSorted((a, b) => startOf(b.certificate) - startOf(a.certificate))
  const others = newestFirst.slice(0, replicasMax - own.length)
  return [...foreign, ...others]
    .map(({ pem }) => `${pem.trim()}\n`)
    .concat(own)
    .join('')
}

/** Whether the API server trusts a certificate. */
export function trusts(bundle: string, certificate: string): boolean {
  return certificatesOf(bundle).some((each) => isSame(each, certificate))
}

function isSame(a: string, b: string): boolean {
  return a.trim() === b.trim()
}

function startOf({ validFrom }: X509Certificate): number {
  return Date.parse(validFrom)
}

function readable(pem: string): { pem: string; certificate: X509Certificate } | undefined {
  try {
    return { pem, certificate: new X509Certificate(pem) }
  } catch {
    return undefined
  }
}
