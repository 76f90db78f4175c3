import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describedKernel, documentOf } from '../testing/index.ts'
import { resolveFunctions } from './resolve-functions.ts'

const kernel = describedKernel({
  functions: { vfs_read: ['file', 'count'], vfs_write: ['file', 'count'] },
  supports: ['kprobe'],
})

function resolve(fields: string, more = '') {
  const document = documentOf(`${more}kprobes:\n- syscall: false\n${fields}`)
  const { functions, unknown, diagnostics } = resolveFunctions(
    document.policy.hooks[0],
    document,
    kernel,
  )
  const problems = diagnostics.map(({ code, path, suggestion }) => ({ code, path, suggestion }))
  return { functions: functions.map(({ symbol }) => symbol), unknown, problems }
}

describe('resolveFunctions', () => {
  it('finds a function of the kernel', () => {
    const found = resolve('  call: vfs_read')
    assert.deepEqual(found, { functions: ['vfs_read'], unknown: [], problems: [] })
  })

  it('suggests the nearest name for one that the kernel lacks', () => {
    const path = 'spec.kprobes[0].call'
    assert.deepEqual(resolve('  call: vfs_raed'), {
      functions: [],
      unknown: [],
      problems: [{ code: 'POLICY_FUNCTION', path, suggestion: 'vfs_read' }],
    })
  })

  it('names the functions that it ignores', () => {
    const found = resolve('  call: vfs_gone\n  ignore: {callNotFound: true}')
    assert.deepEqual(found, { functions: [], unknown: ['vfs_gone'], problems: [] })
  })

  it('finds all functions of a list', () => {
    const list = 'lists: [{name: io, values: [vfs_read, vfs_write]}]\n'
    assert.deepEqual(resolve('  call: list:io', list).functions, ['vfs_read', 'vfs_write'])
  })

  it('refuses a parameter that the function does not have', () => {
    const { functions, problems } = resolve('  call: vfs_read\n  args: [{index: 4, type: int}]')
    assert.deepEqual(functions, [])
    assert.equal(problems[0].path, 'spec.kprobes[0].args[0].index')
  })
})
