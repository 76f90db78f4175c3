// Signatures of files: ECDSA with P-256 and SHA-256, in DER, which openssl verifies.

import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { SetupError } from '../setup.mjs'
import { sigstoreBundle } from './sigstore-bundle.mjs'

/** The variable with the path of the private key, in PEM. */
const keyVariable = 'TETRAGON_SIGNING_KEY'

/**
 * The key that signs, if there is one.
 * @throws SetupError if it cannot be read, or is of another kind
 */
export function signingKey(file = process.env[keyVariable]) {
  if (!file) return undefined
  let key
  try {
    key = createPrivateKey(readFileSync(file))
  } catch (error) {
    throw new SetupError(`read the key of ${keyVariable}: ${error.message}`)
  }
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  throw new SetupError(`read the key of ${keyVariable}: not an EC key of the curve P-256`)
}

/** Writes the signature of a file beside it. Without a key, that of an earlier build is deleted. */
export function signFile(file, key) {
  replaceFile(`${file}.sig`, key && sign('sha256', readFileSync(file), key))
}

/** The same for a statement about a file, signed, as a bundle. */
export function signStatement(file, statement, key) {
  replaceFile(`${file}.sigstore.json`, key && `${JSON.stringify(sigstoreBundle(statement, key))}\n`)
}

function replaceFile(path, content) {
  rmSync(path, { force: true })
  if (content) writeFileSync(path, content)
}
