import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eachFunction, functionNamesInSteps, readFunctionNames } from './functions.ts'

const text = `ffffffff81000000 T _stext
ffffffff81000010 D data
ffffffff81000020 t local.constprop.0
0000000000000000 W weak
ffffffffc0000000 t in_module\t[nf_tables]
ffffffffc0000010 d module_data\t[nf_tables]
ffffffffc0000020 T last\t[nf_tables]`

test('functions are found by their type, with the places of their parts', () => {
  const found: string[][] = []
  eachFunction(text, (line, name, nameEnd, end) => {
    found.push([text.slice(line, line + 4), text.slice(name, nameEnd), text.slice(nameEnd, end)])
  })
  assert.deepEqual(found, [
    ['ffff', '_stext', ''],
    ['ffff', 'local.constprop.0', ''],
    ['0000', 'weak', ''],
    ['ffff', 'in_module', '\t[nf_tables]'],
    ['ffff', 'last', '\t[nf_tables]'],
  ])
})

test('names are those of functions, without generated ones', () => {
  const generated = ['bpf_prog_1_probe\t[bpf]', 'ftrace_trampoline\t[__builtin__ftrace]']
  const lines = generated.map((each) => `\nffffffffc0000030 t ${each}`)
  assert.deepEqual(
    [...readFunctionNames(text + lines.join(''))],
    ['_stext', 'local.constprop.0', 'weak', 'in_module', 'last'],
  )
  assert.equal(readFunctionNames('').size, 0)
})

test('names that are read in steps are the same, also across their pauses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kallsyms-'))
  try {
    const path = join(folder, 'kallsyms')
    const lines = Array.from({ length: 20_000 }, (_, i) => `ffffffff81000000 T name_${i}\n`)
    writeFileSync(path, lines.join('') + text)
    const steps = functionNamesInSteps(path)
    let pauses = 0
    let step = steps.next()
    for (; !step.done; step = steps.next()) pauses++
    assert.ok(pauses > 3, `${pauses} pauses`)
    assert.deepEqual([...step.value], [...readFunctionNames(lines.join('') + text)])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
