import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { evaluate } from '@marcbachmann/cel-js'
import { parse } from 'yaml'
import { argumentTypeNames } from '../operators/argument-facts.ts'
import { argumentOperators } from '../operators/argument-operators.ts'
import { readPolicies } from '../parse/policy-document.ts'
import { schemaDigest } from '../schema/crd-version.ts'
import { everythingPolicy, policyKinds } from '../schema/index.ts'
import { goodPolicy, testPolicy } from '../testing/policies.ts'
import { customResourceDefinition, podInfoCrd, policyCrds } from './crd.ts'
import { generatedFiles } from './files.ts'
import { editorSchema } from './json-schema.ts'

const root = new URL('../../../../', import.meta.url)

for (const { path, content } of generatedFiles()) {
  test(`${path} is up to date (npm run generate -w packages/policy)`, () => {
    // assert.equal would print half a megabyte.
    assert.ok(readFileSync(new URL(path, root), 'utf8') === content)
  })
}

/** A part of a JSON schema. */
interface JsonObject {
  readonly properties?: Readonly<Record<string, JsonProperty>>
  readonly required?: readonly string[]
}

interface JsonProperty {
  readonly enum?: readonly string[]
  readonly items?: { readonly enum?: readonly string[] }
}

// biome-ignore lint/suspicious/noExplicitAny: the shape is what is tested
function specOf(kind: (typeof policyKinds)[number]): any {
  return customResourceDefinition(kind).spec.versions[0].schema.openAPIV3Schema.properties.spec
}

test('the CRDs have names, defaults, enumerations and rules', () => {
  const [cluster, namespaced] = policyKinds
  assert.equal(customResourceDefinition(cluster).metadata.name, 'tracingpolicies.cilium.io')
  assert.deepEqual(customResourceDefinition(namespaced).spec.names.shortNames, ['tgtpn'])
  const kprobe = specOf(cluster).properties.kprobes.items
  assert.equal(kprobe.properties.syscall.default, true)
  assert.deepEqual(kprobe.required, ['call'])
  assert.equal(kprobe['x-kubernetes-validations'].length, 1)
  assert.deepEqual(kprobe.properties.args.items.properties.type.enum, [...argumentTypeNames, ''])
  const match = kprobe.properties.selectors.items.properties.matchArgs.items
  assert.deepEqual(match.properties.operator.enum, [
    ...argumentOperators,
    'SubStringIgnoreCase',
    'NotSPortPriv',
  ])
  assert.equal(match.properties.values.items.type, 'string')
  assert.equal(specOf(cluster)['x-kubernetes-validations'], undefined)
  assert.deepEqual(
    specOf(namespaced)['x-kubernetes-validations'].map(({ rule }: { rule: string }) => rule),
    [
      '!has(self.hostSelector)',
      '!has(self.uprobes) || size(self.uprobes) == 0',
      '!has(self.usdts) || size(self.usdts) == 0',
    ],
  )
})

/** Objects that are at most in one list of any length: the API server limits the cost of rules. */
const ruled: readonly (readonly [path: string, good: object, bad: readonly object[]])[] = [
  ['kprobes', { call: 'f', syscall: false }, [{ call: 'f', syscall: false, return: true }]],
  [
    'uprobes',
    { path: '/bin/true', symbols: ['main'] },
    [
      { path: '/bin/true' },
      { path: '/bin/true', symbols: [] },
      { path: '/bin/true', symbols: ['main'], offsets: [1] },
      { path: '/bin/true', symbols: ['main'], return: true },
    ],
  ],
  [
    'lists',
    { name: 'a', values: ['f'] },
    [
      { name: 'a' },
      { name: 'a', type: 'syscalls', values: [] },
      { name: 'a', type: 'generated_ftrace' },
    ],
  ],
]

for (const [path, good, bad] of ruled) {
  test(`the rules of the CRDs for ${path} refuse only what agents refuse, too`, () => {
    const { items } = specOf(policyKinds[0]).properties[path]
    const admits = (item: object): boolean => {
      const self = withDefaults(items, item)
      // The API server spells reserved words so.
      if ('return' in self) self.__return__ = self.return
      const rules: readonly { rule: string }[] = items['x-kubernetes-validations']
      return rules.every(({ rule }) => evaluate(rule, { self }) === true)
    }
    const isGood = (item: object): boolean => {
      const hook = { kprobes: [{ call: 'f', syscall: false }], lists: [], [path]: [item] }
      const document = { ...parse(everythingPolicy()), spec: hook }
      const { diagnostics } = readPolicies(JSON.stringify(document), 'x')
      return !diagnostics.some(({ severity }) => severity === 'error')
    }
    assert.deepEqual([admits(good), isGood(good)], [true, true])
    for (const item of bad) {
      assert.deepEqual([admits(item), isGood(item)], [false, false], JSON.stringify(item))
    }
  })
}

test('optional words may be empty in the CRDs and the editor schema, others may not', () => {
  const words: string[] = []
  const visit = (schema: unknown, title: string): void => {
    if (typeof schema !== 'object' || schema === null) return
    const { properties = {}, required = [] } = schema as JsonObject
    for (const [name, property] of Object.entries(properties)) {
      const items = property.items?.enum
      const isEmptyAllowed = property.enum?.includes('')
      if (property.enum) assert.equal(isEmptyAllowed, !required.includes(name), `${title}.${name}`)
      if (items) assert.ok(!items.includes(''), `${title}.${name}[]`)
      if (isEmptyAllowed) words.push(name)
    }
    for (const [name, inner] of Object.entries(schema)) visit(inner, `${title}.${name}`)
  }
  visit(specOf(policyKinds[0]), 'spec')
  const inCrd = new Set(words.splice(0))
  visit(editorSchema(), 'schema')
  assert.deepEqual(new Set(words), inCrd)
  assert.ok(inCrd.has('source') && inCrd.has('rateLimitScope') && inCrd.has('returnArgAction'))
})

test('rules are at the spec or in a list of it: deeper ones would cost too much', () => {
  const found: string[] = []
  const visit = (schema: unknown, at: string): void => {
    if (typeof schema !== 'object' || schema === null) return
    if ('x-kubernetes-validations' in schema) found.push(at)
    for (const [name, inner] of Object.entries(schema)) visit(inner, `${at}/${name}`)
  }
  visit(specOf(policyKinds[1]), '')
  const lists = ['kprobes', 'fentries', 'uprobes', 'lists'].map(
    (name) => `/properties/${name}/items`,
  )
  assert.deepEqual(found, ['', ...lists])
})

test('the CRDs have a version, which is raised with every change', () => {
  const specs = [...policyCrds(), podInfoCrd()].map(({ spec }) => spec)
  const withoutTexts = (name: string, value: unknown) =>
    name === 'description' && typeof value === 'string' ? undefined : value
  const digest = createHash('sha256').update(JSON.stringify(specs, withoutTexts)).digest('hex')
  const message = `raise schemaVersion in schema/crd-version.ts; schemaDigest is ${digest}`
  assert.equal(schemaDigest, digest, message)
})

test('the CRD of PodInfo has the fields of Tetragon', () => {
  const { metadata, spec } = podInfoCrd()
  assert.equal(metadata.name, 'podinfo.cilium.io')
  assert.equal(spec.scope, 'Namespaced')
  assert.deepEqual(spec.names.shortNames, ['tgpi'])
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what is tested
  const fields = spec.versions[0].schema.openAPIV3Schema.properties as any
  assert.equal(fields.spec.properties.hostNetwork.type, 'boolean')
  assert.equal(fields.status.properties.podIPs.items.properties.IP.type, 'string')
  assert.deepEqual(Object.keys(fields.workloadType.properties), ['apiVersion', 'kind'])
  assert.deepEqual(Object.keys(fields.workloadObject.properties), ['name', 'namespace'])
})

test('the CRDs are small enough for kubectl apply, which keeps them in an annotation', () => {
  for (const kind of policyKinds) {
    assert.ok(JSON.stringify(customResourceDefinition(kind)).length < 262_144)
  }
})

/** What the API server does to an object that is stored. */
// biome-ignore lint/suspicious/noExplicitAny: schema and value are JSON of any shape
function withDefaults(schema: any, value: any): any {
  if (Array.isArray(value)) return value.map((item) => withDefaults(schema.items, item))
  if (value === null || typeof value !== 'object') return value
  const object = { ...value }
  for (const [name, property] of Object.entries<{ default?: unknown }>(schema.properties ?? {})) {
    if (!Object.hasOwn(object, name) && property.default !== undefined) {
      object[name] = property.default
    }
  }
  for (const name of Object.keys(object)) {
    const property = schema.properties?.[name] ?? schema.additionalProperties
    if (property !== undefined) object[name] = withDefaults(property, object[name])
  }
  return object
}

test('a policy has the same meaning with the defaults of the API server', () => {
  const texts = [everythingPolicy(), testPolicy('follow-files'), testPolicy('connections')]
  for (const text of texts) {
    const document = parse(text)
    const stored = { ...document, spec: withDefaults(specOf(policyKinds[0]), document.spec) }
    const read = readPolicies(JSON.stringify(stored), 'stored.yaml')
    assert.notDeepEqual(stored, document)
    const codes = (all: typeof read) => all.diagnostics.map(({ code, path }) => `${code} ${path}`)
    assert.deepEqual(codes(read), codes(readPolicies(text, 'written.yaml')))
    assert.deepEqual(read.documents[0].policy, goodPolicy(text))
  }
})

test('the editor schema refers to existing definitions', () => {
  const schema = editorSchema()
  const references = JSON.stringify(schema).matchAll(/"#\/definitions\/(\w+)"/g)
  for (const [, name] of references) assert.ok(Object.hasOwn(schema.definitions as object, name))
})
