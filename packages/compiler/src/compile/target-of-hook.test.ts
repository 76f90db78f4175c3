import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Btf, BtfBuilder } from '@tetragon-ts/ebpf/btf'
import { policyOf } from '../testing/index.ts'
import { targetOfHook } from './place-hook.ts'

const btf = Btf.parse(new BtfBuilder().bytes())

function targetOf(fields: string, more = '') {
  const policy = policyOf(
    `${more}kprobes:\n- call: security_file_open\n  syscall: false\n${fields}`,
  )
  return targetOfHook(policy.hooks[0], [{ shown: 'f', symbol: 'f' }], policy, btf)
}

const file = '  args: [{index: 0, type: file}]'
const equal = (path: string) => `{matchArgs: [{index: 0, operator: Equal, values: [${path}]}]}`

describe('targetOfHook', () => {
  it('names the files that a hook is about if each selector names some', () => {
    const { files } = targetOf(`${file}\n  selectors: [${equal('/a, /b')}, ${equal('/b')}]`)
    assert.deepEqual(files, ['/a', '/b'])
    const prefix = '{matchArgs: [{index: 0, operator: Prefix, values: [/c]}]}'
    assert.equal(targetOf(`${file}\n  selectors: [${equal('/a')}, ${prefix}]`).files, undefined)
    assert.equal(targetOf(file).files, undefined)
  })

  it('needs the return for what is read there', () => {
    assert.equal(targetOf(file).returns, false)
    const result = '\n  return: true\n  returnArg: {index: 0, type: int}'
    assert.equal(targetOf(`${file}${result}`).returns, true)
  })

  it('has the actions that its programs must carry out', () => {
    const enforcing = `${file}\n  selectors: [{matchActions: [{action: Post}, {action: Sigkill}]}]`
    const { enforces, sleepable } = targetOf(enforcing)
    assert.deepEqual(
      enforces.map(({ action }) => action),
      ['Sigkill'],
    )
    assert.equal(sleepable, false)
  })

  it('does not sleep for a hash that the kernel does not have', () => {
    const hash = 'selectors: [{matchActions: [{action: Post, imaHash: true}]}]'
    const policy = policyOf(`lsmhooks:\n- hook: file_open\n${file}\n  ${hash}`)
    const functions = [{ shown: 'file_open', symbol: 'file_open' }]
    assert.equal(targetOfHook(policy.hooks[0], functions, policy, btf).sleepable, false)
  })

  it('says which conditions are about the process, and how hooks may be placed', () => {
    const pids = '  selectors: [{matchPIDs: [{operator: In, values: [1]}]}]'
    const options = 'options: [{name: disable-kprobe-multi, value: "true"}]\n'
    const { aboutProcess, single } = targetOf(`${file}\n${pids}`, options)
    assert.deepEqual(aboutProcess, ['matchPIDs'])
    const words = '  selectors: [{matchCmdArgs: [{operator: Equal, values: [a]}]}]'
    assert.deepEqual(targetOf(words).aboutProcess, ['matchCmdArgs'])
    assert.equal(single, true)
  })
})
