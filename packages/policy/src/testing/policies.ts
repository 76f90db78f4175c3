import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Hook, Policy } from '../model/index.ts'
import { readPolicies } from '../parse/policy-document.ts'

/** The text of a policy file of `testdata`. */
export function testPolicy(name: string): string {
  return readFileSync(new URL(`../../testdata/${name}.yaml`, import.meta.url), 'utf8')
}

/** A policy with a spec, which is indented here. */
export function policyText(spec: string, kind = 'TracingPolicy'): string {
  const head = `apiVersion: cilium.io/v1alpha1\nkind: ${kind}\nmetadata:\n  name: test\nspec:\n`
  return `${head}${spec.replace(/^(?=.)/gm, '  ')}\n`
}

/** A kprobe with these additional fields. */
export function kprobeText(fields: string, call = 'call: f\nsyscall: false'): string {
  const lines = `${call}\n${fields}`.trimEnd().split('\n')
  return policyText(
    `kprobes:\n${lines.map((line, i) => (i === 0 ? '- ' : '  ') + line).join('\n')}`,
  )
}

/** The only policy of a text, which must be valid; warnings are allowed. */
export function goodPolicy(text: string): Policy {
  const { documents, diagnostics } = readPolicies(text, 'test.yaml')
  const errors = diagnostics.filter((each) => each.severity === 'error')
  assert.deepEqual(errors, [])
  assert.equal(documents.length, 1)
  return documents[0].policy
}

/** The first hook of a valid policy. */
export function goodHook(text: string): Hook {
  return goodPolicy(text).hooks[0]
}

/** Errors and warnings as `CODE path`, or for warnings `warning CODE path`. */
export function findingsOf(text: string): string[] {
  return readPolicies(text, 'test.yaml').diagnostics.map(({ severity, code, path }) => {
    return `${severity === 'warning' ? 'warning ' : ''}${code} ${path}`
  })
}
