// Where a file comes from, as others verify it: SLSA provenance 1.0 in an in-toto statement.
// docs/verify.md describes the build type. Without times: the same build has the same statement.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sourceFacts } from '../source-facts.mjs'

/** The variable with the URI of the machine that builds. */
const builderVariable = 'TETRAGON_BUILDER'
const localBuilder = 'urn:tetragon-ts:builder:local'

/** What the statement calls its content; `cosign` knows it as `slsaprovenance1`. */
const predicateType = 'https://slsa.dev/provenance/v1'

/**
 * The inputs of a build, the same for all files of it: the commit, and the locked packages.
 * @param root the folder of the sources
 * @returns {object[]} resource descriptors of in-toto; no commit for sources without git
 */
export function buildInputs(root) {
  const { commit, modified } = sourceFacts(root)
  const lock = readFileSync(join(root, 'package-lock.json'))
  const sources = {
    name: 'sources',
    digest: { gitCommit: commit },
    ...(modified === 'true' && { annotations: { modified: true } }),
  }
  const packages = {
    name: 'package-lock.json',
    digest: { sha256: createHash('sha256').update(lock).digest('hex') },
  }
  return commit === undefined ? [packages] : [sources, packages]
}

/**
 * @param artefact `name`, `version` and `digest` (SHA-256)
 * @param inputs see buildInputs
 * @returns the statement, for JSON
 */
export function provenance({ name, version, digest }, inputs) {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name, digest: { sha256: digest } }],
    predicateType,
    predicate: {
      buildDefinition: {
        buildType: 'urn:tetragon-ts:build:v1',
        externalParameters: { version },
        internalParameters: { architecture: process.arch, node: process.version },
        resolvedDependencies: inputs,
      },
      runDetails: { builder: { id: process.env[builderVariable] || localBuilder } },
    },
  }
}
