import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicies } from '@tetragon-ts/policy'
import type { FieldExplanation } from '@tetragon-ts/policy/schema'
import fc from 'fast-check'
import { parse } from 'yaml'
import { runTetra } from '../testing/run-tetra.ts'
import { UsageError } from '../usage-error.ts'
import type { Explanation } from './explanation.ts'
import { splitPath } from './field-path.ts'

const explain = (...argv: string[]) => runTetra(['explain', ...argv])

test('a field is explained with its type, its values and the fields below it', async () => {
  const { out, code } = await explain('tracingpolicies.spec.kprobes[0].args')
  assert.equal(code, 0)
  assert.match(
    out,
    /^KIND: {5}TracingPolicy\nVERSION: {2}v1alpha1\n\nFIELD: {4}args <\[\]object>\n\nDESCRIPTION:\n {5}\w/,
  )
  assert.match(out, /\nFIELDS:\n {3}index\t<integer>/)
  assert.match(out, /\n {3}type\t<string> \(auto\)\n(?: {5}.*\n)+ {5}One of: auto, int, sint8,/)
  const leaf = await explain('TracingPolicyNamespaced.spec["lsmhooks"].hook')
  assert.match(
    leaf.out,
    /KIND: +TracingPolicyNamespaced\n.*\n\nFIELD: {4}hook <string> -required-\n/,
  )
})

test('all fields below can be shown at once, in any form', async () => {
  const text = await explain('tgtp.spec', '-R')
  assert.match(text.out, /\n {3}kprobes\t<\[\]object>\n {5}call\t<string> -required-\n/)
  const count = (field: FieldExplanation): number =>
    1 + (field.fields ?? []).reduce((sum, each) => sum + count(each), 0)
  const json: Explanation = JSON.parse((await explain('tgtp.spec', '-R', '-o', 'json')).out)
  assert.ok(count(json) > 300, `${count(json)} fields`)
  assert.deepEqual(parse((await explain('tgtp.spec', '-R', '-o', 'yaml')).out), json)
})

test('examples are valid, and each part of a policy has one', async () => {
  for (const resource of ['tracingpolicies', 'tracingpoliciesnamespaced']) {
    const { out } = await explain(resource, '--example')
    assert.deepEqual(readPolicies(out, 'example.yaml').diagnostics, [])
  }
  const args = await explain('tgtp.spec.tracepoints.args', '--example')
  assert.deepEqual(Object.keys(parse(args.out)), ['args'])
  const json: Explanation = JSON.parse((await explain('tgtp.spec', '-o', 'json')).out)
  for (const { name } of json.fields ?? []) {
    const { code, err } = await explain(`tgtp.spec.${name}`, '--example')
    assert.deepEqual([code, err], [0, ''], name)
  }
})

test('PodInfo is explained too', async () => {
  const { out, code } = await explain('tgpi.status.podIPs')
  assert.equal(code, 0)
  assert.match(
    out,
    /KIND: +PodInfo\n.*\n\nFIELD: {4}podIPs <\[\]object>\n(?:.*\n)+ {3}IP\t<string>/,
  )
  const json: Explanation = JSON.parse((await explain('podinfo', '-R', '-o', 'json')).out)
  const whole = parse((await explain('PodInfo', '--example')).out)
  assert.deepEqual(
    json.fields?.map(({ name }) => name),
    Object.keys(whole),
  )
  for (const name of ['spec.nodeName', 'status', 'workloadType.kind', 'workloadObject.name']) {
    assert.equal((await explain(`podinfo.${name}`, '--example')).code, 0, name)
  }
  assert.match((await explain('podinfo.spec.node')).err, /did you mean "nodeName"/)
})

test('resources can be listed', async () => {
  const { out } = await explain('--list')
  assert.match(
    out,
    /^NAME +SHORTNAME +APIVERSION +KIND\ntracingpolicies +tgtp +cilium.io\/v1alpha1/,
  )
})

test('mistakes are reported with the nearest name', async () => {
  const cases: Record<string, RegExp> = {
    'tracingpolices.spec': /unknown resource "tracingpolices"; did you mean "tracingpolicies"/,
    podinfos: /unknown resource "podinfos"; did you mean "podinfo".*namespaced and podinfo/,
    'tgtp.spec.kprobs': /spec has no field "kprobs"; did you mean "kprobes"/,
    'tgtp.spec.kprobes.call.x': /spec.kprobes.call is of type string and has no fields/,
    'tgtp.spec..x': /syntax error at character 5/,
    'tgtp --api-version v1': /unknown version "v1".*it is cilium.io\/v1alpha1/,
    '': /unknown resource ""/,
  }
  for (const [argv, message] of Object.entries(cases)) {
    const { out, err, code } = await explain(...argv.split(' '))
    assert.match(err, message)
    assert.deepEqual([out, code], ['', 2])
  }
})

test('any path is split or refused', () => {
  assert.deepEqual(splitPath('a.b[0].c[*]["d.e"][\'f\'][]'), ['a', 'b', 'c', 'd.e', 'f'])
  fc.assert(
    fc.property(fc.string(), (path) => {
      try {
        splitPath(path)
      } catch (error) {
        assert.ok(error instanceof UsageError)
      }
    }),
  )
})
