// A statement and its signature in one file, as sigstore's tools read them: a bundle 0.3 with an
// envelope of DSSE 1.0. It is signed by a key and in no transparency log.

import { createHash, createPublicKey, sign } from 'node:crypto'

const payloadType = 'application/vnd.in-toto+json'

/** What DSSE signs: type and content with their lengths, so that neither can pass as the other. */
function preAuthentication(payload) {
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `
  return Buffer.concat([Buffer.from(head), payload])
}

/**
 * @param statement see provenance.mjs
 * @param key see signatures.mjs
 * @returns the bundle, for JSON; its hint is the digest of the public key, in base64
 */
export function sigstoreBundle(statement, key) {
  const payload = Buffer.from(JSON.stringify(statement))
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const hint = createHash('sha256').update(publicKey).digest('base64')
  const sig = sign('sha256', preAuthentication(payload), key).toString('base64')
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint } },
    dsseEnvelope: { payload: payload.toString('base64'), payloadType, signatures: [{ sig }] },
  }
}
