// The two formats of a bill of materials: CycloneDX 1.6 and SPDX 2.3. Both are pure functions of
// the artefact and its components: the same build makes the same documents.

const licence = 'Apache-2.0'

/** A version 8 UUID of a digest: the same for the same artefact. */
function uuid(digest) {
  const text = `${digest.slice(0, 12)}8${digest.slice(13, 16)}8${digest.slice(17, 32)}`
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** An expression can have several licences; anything else is one of SPDX's list. */
const cycloneDxLicences = (license) => {
  return [/ /.test(license) ? { expression: license } : { license: { id: license } }]
}

/**
 * @param artefact `type`, `name`, `version`, `digest` (SHA-256), `time` (ISO), and a package URL if
 *   it has one
 * @param components see components.mjs
 * @returns the document, for JSON
 */
export function cycloneDx({ type, name, version, digest, time, purl }, components) {
  const main = `${name}#${digest}`
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid(digest)}`,
    version: 1,
    metadata: {
      timestamp: time,
      tools: { components: [{ type: 'application', name: 'tetragon-ts', version }] },
      component: {
        type,
        'bom-ref': main,
        name,
        version,
        hashes: [{ alg: 'SHA-256', content: digest }],
        licenses: cycloneDxLicences(licence),
        ...(purl && { purl }),
      },
    },
    components: components.map(({ license, ...each }) => {
      return { ...each, 'bom-ref': each.purl, licenses: cycloneDxLicences(license) }
    }),
    dependencies: [
      { ref: main, dependsOn: components.map(({ purl }) => purl) },
      ...components.map(({ purl }) => ({ ref: purl })),
    ],
  }
}

function externalReferences({ purl, cpe }) {
  const reference = (referenceCategory, referenceType, referenceLocator) => {
    return { referenceCategory, referenceType, referenceLocator }
  }
  return [
    ...(purl ? [reference('PACKAGE-MANAGER', 'purl', purl)] : []),
    ...(cpe ? [reference('SECURITY', 'cpe23Type', cpe)] : []),
  ]
}

/** A package of the document, whose licence its authors have declared. */
function spdxPackage(id, each, license) {
  return {
    name: each.name,
    SPDXID: id,
    versionInfo: each.version,
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: license,
    downloadLocation: 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    externalRefs: externalReferences(each),
  }
}

/** @param artefact as for {@link cycloneDx}; @returns the document, for JSON */
export function spdx(artefact, components) {
  const { name, version, digest, time } = artefact
  const main = 'SPDXRef-Artefact'
  const id = ({ purl }) => `SPDXRef-${purl.slice(4).replace(/[^A-Za-z0-9.]/g, '-')}`
  const relationship = (spdxElementId, relationshipType, relatedSpdxElement) => {
    return { spdxElementId, relationshipType, relatedSpdxElement }
  }
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `https://tetragon.example/spdx/${encodeURIComponent(name)}-${digest}`,
    creationInfo: { created: time, creators: [`Tool: tetragon-ts-${version}`] },
    packages: [
      {
        ...spdxPackage(main, artefact, licence),
        packageFileName: name,
        checksums: [{ algorithm: 'SHA256', checksumValue: digest }],
      },
      ...components.map((each) => spdxPackage(id(each), each, each.license)),
    ],
    relationships: [
      relationship('SPDXRef-DOCUMENT', 'DESCRIBES', main),
      ...components.map((each) => relationship(main, 'CONTAINS', id(each))),
    ],
  }
}
