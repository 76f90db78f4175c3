import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { repositoryRoot } from '../vm/repository.ts'

const schemas = join(repositoryRoot, 'node_modules/@cyclonedx/cyclonedx-library/res/schema')
/** A schema, under the name that the others have for it. */
function schema(name: string): object {
  const file = `${name}.SNAPSHOT.schema.json`
  const content = JSON.parse(readFileSync(join(schemas, file), 'utf8')) as object
  return { ...content, $id: `http://cyclonedx.org/schema/${file}` }
}

/** The schema of CycloneDX 1.6, compiled when it is first used. */
let validate: ReturnType<Ajv['compile']> | undefined

/** What the JSON schema of CycloneDX 1.6 has against a document. */
export function cycloneDxErrors(document: unknown): string[] {
  // The schema has formats that no validator knows; they are not checked.
  validate ??= new Ajv({ strict: false, validateFormats: false })
    .addSchema(['spdx', 'jsf-0.82'].map(schema))
    .compile(schema('bom-1.6'))
  if (validate(document)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

interface SpdxPackage {
  readonly SPDXID: string
  readonly name: string
  readonly downloadLocation: string
  readonly versionInfo: string
  readonly licenseDeclared: string
}

/** A document of SPDX 2.3, with the members that the standard requires. */
export interface SpdxDocument {
  readonly spdxVersion: string
  readonly dataLicense: string
  readonly SPDXID: string
  readonly name: string
  readonly documentNamespace: string
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] }
  readonly packages: readonly SpdxPackage[]
  readonly relationships: readonly {
    readonly spdxElementId: string
    readonly relationshipType: string
    readonly relatedSpdxElement: string
  }[]
}

/** @throws if a member is missing, or an identifier is invalid, not unique or unknown */
export function assertSpdx(document: SpdxDocument): void {
  const { name, documentNamespace, creationInfo, packages, relationships } = document
  assert.equal(document.spdxVersion, 'SPDX-2.3')
  assert.equal(document.dataLicense, 'CC0-1.0')
  assert.equal(document.SPDXID, 'SPDXRef-DOCUMENT')
  assert.ok(name)
  assert.match(documentNamespace, /^https:\/\/[^#]+$/)
  assert.match(creationInfo.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  assert.match(creationInfo.creators[0]!, /^Tool: \S+$/)
  const ids = new Set(['SPDXRef-DOCUMENT'])
  for (const each of packages) {
    assert.match(each.SPDXID, /^SPDXRef-[A-Za-z0-9.-]+$/)
    assert.ok(!ids.has(each.SPDXID), `twice: ${each.SPDXID}`)
    ids.add(each.SPDXID)
    for (const member of ['name', 'downloadLocation', 'versionInfo', 'licenseDeclared'] as const) {
      assert.ok(each[member], `${each.SPDXID}: ${member}`)
    }
  }
  for (const { spdxElementId, relatedSpdxElement } of relationships) {
    assert.ok(ids.has(spdxElementId) && ids.has(relatedSpdxElement), relatedSpdxElement)
  }
  assert.ok(relationships.some(({ relationshipType }) => relationshipType === 'DESCRIBES'))
}

/** The names of the components of an artefact, after checks of both of its bills. */
export function componentsOf(file: string): string[] {
  const read = (suffix: string): unknown =>
    JSON.parse(readFileSync(`${file}.${suffix}.json`, 'utf8'))
  const cycloneDx = read('cdx') as { components: readonly { name: string }[] }
  const spdx = read('spdx') as SpdxDocument
  assert.deepEqual(cycloneDxErrors(cycloneDx), [])
  assertSpdx(spdx)
  const names = cycloneDx.components.map(({ name }) => name)
  assert.deepEqual(
    spdx.packages.slice(1).map(({ name }) => name),
    names,
  )
  return names
}
