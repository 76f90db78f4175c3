import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { type Code, type Hook as KernelHook, program } from '@tetragon-ts/ebpf/lang'
import { runSteps } from '@tetragon-ts/ebpf/steps'
import { type Argument, type ArgumentTypeName, argumentTypeNames } from '@tetragon-ts/policy'
import { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { ArgumentValue, Facet } from './argument-type.ts'
import { argumentType, hasArgumentType } from './index.ts'

// Facets that an argument type declares must be those that reading it provides.

const nowhere: KernelHook<[]> = {
  kind: 'none',
  target: 'nowhere',
  resolve: () => ({ programType: 0 }),
  arguments: () => [],
  attachment: { at: 'demand' },
}

/** Reads an argument in a program that is discarded. */
function read(type: ArgumentTypeName, btf: Btf): ArgumentValue {
  const argument: Argument = {
    path: 'spec.kprobes[0].args[0]',
    index: 0,
    type,
    resolve: [],
    label: '',
    returnCopy: false,
    maxData: false,
  }
  const values: ArgumentValue[] = []
  const build = program('facets', nowhere, (k) => {
    values.push(argumentType(type).read(hitOf(k), k.constant(0), argument, contextOf(k)))
  })
  runSteps(build.build({ btf, bpfLoop: true }, false))
  return values[0]
}

function hitOf(k: Code): Hit {
  const nothing = () => k.constant(0)
  return {
    k,
    task: k.currentTask(TaskStruct),
    result: k.constant(0),
    functionIndex: 0,
    parameter: nothing,
    register: nothing,
  }
}

function contextOf(k: Code): HookContext {
  const context: Partial<HookContext> = {
    k,
    policyId: 0,
    hookId: 0,
    followsFiles: false,
    tracksSocks: false,
    scratch: () => k.stackBytes(8),
    countLoss() {},
    at: (_, body) => body(),
  }
  return context as HookContext
}

/** A getter counts as present: running it would emit code. */
function isThere(object: object, name: string): boolean {
  const property = Object.getOwnPropertyDescriptor(object, name)
  return property !== undefined && (property.get !== undefined || property.value !== undefined)
}

/** Types whose tail is not a text, but numbers. */
const numbers: readonly string[] = ['int32_arr']

function facetsOf(value: ArgumentValue, name: string): Facet[] {
  const socket = Object.keys(value.socket ?? {}) as Facet[]
  return [
    ...(isThere(value, 'integer') || isThere(value, 'mask') ? (['number'] as const) : []),
    ...(isThere(value, 'writeTail') && !numbers.includes(name) ? (['text'] as const) : []),
    ...(isThere(value, 'mode') ? (['mode'] as const) : []),
    ...(isThere(value, 'inode') ? (['inode'] as const) : []),
    ...socket.filter((name) => isThere(value.socket ?? {}, name)),
  ]
}

test('argument types declare what operators get', () => {
  const btf = Btf.open()
  for (const name of argumentTypeNames) {
    if (!hasArgumentType(name)) continue
    const { facets, expects } = argumentType(name)
    // A structure that this kernel does not describe is refused before it is read.
    const isDescribed =
      expects.kind !== 'structure' ||
      expects.fixed ||
      btf.find(expects.names[0], ['struct', 'union'])
    if (!isDescribed) continue
    assert.deepEqual(facetsOf(read(name, btf), name).sort(), [...facets].sort(), name)
  }
})
