import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as api from '../index.ts'
import { codecOf } from '../wire/codec.ts'
import { descriptorsOfFile, descriptorsOfSymbol } from './descriptor-bytes.ts'
import { FileDescriptor } from './descriptor-messages.ts'
import { agentFiles } from './files.ts'
import { googleFiles } from './google-files.ts'
import { protoText } from './proto-text.ts'

const folder = fileURLToPath(new URL('../../proto', import.meta.url))
const protoc = spawnSync('protoc', ['--version']).status === 0

describe('.proto files', () => {
  for (const file of agentFiles) {
    it(`${file.path} is up to date (npm run generate)`, () => {
      assert.equal(readFileSync(join(folder, file.path), 'utf8'), protoText(file, agentFiles))
    })
  }

  it('have every exported message and enum once', () => {
    const types = agentFiles.flatMap((file) => file.types)
    const names = types.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const value of Object.values(api) as Partial<api.MessageType>[]) {
      const { kind, name } = value
      const isGrpc = /^(HealthCheck|ServerReflection)/.test(String(name))
      if ((kind as string) !== 'message' && (kind as string) !== 'enum') continue
      assert.ok(isGrpc || types.includes(value as api.MessageType), `${name} is in no file`)
    }
  })

  it('have the same meaning for protoc', {
    skip: protoc ? false : 'protoc is not installed',
  }, (context) => {
    const scratch = mkdtempSync(join(tmpdir(), 'proto-'))
    context.after(() => rmSync(scratch, { recursive: true }))
    for (const file of googleFiles) {
      mkdirSync(dirname(join(scratch, file.path)), { recursive: true })
      writeFileSync(join(scratch, file.path), protoText(file, googleFiles))
    }
    for (const file of agentFiles) {
      const out = join(scratch, 'out')
      const args = ['-I', folder, '-I', scratch, '--descriptor_set_out', out, file.path]
      const { stderr } = spawnSync('protoc', args, { encoding: 'utf8' })
      assert.equal(stderr, '')
      // A descriptor set is a list of files: a tag, the length as a varint, the file.
      const set = readFileSync(out)
      const bytes = set.subarray(2 + set.subarray(1).findIndex((byte) => byte < 0x80))
      const [own] = descriptorsOfFile(file.path) ?? []
      assert.deepEqual(codecOf(FileDescriptor).decode(own), codecOf(FileDescriptor).decode(bytes))
    }
  })
})

describe('descriptors', () => {
  const names = (descriptors: Buffer[] | undefined) =>
    descriptors?.map((bytes) => codecOf(FileDescriptor).decode(bytes).name)

  it('are found by file and by symbol, with their imports', () => {
    const health = ['grpc/health/v1/health.proto']
    assert.deepEqual(names(descriptorsOfFile(health[0])), health)
    assert.deepEqual(names(descriptorsOfSymbol('grpc.health.v1.Health')), health)
    assert.deepEqual(names(descriptorsOfSymbol('grpc.health.v1.Health.Check')), health)
    assert.deepEqual(names(descriptorsOfSymbol('tetragon.Process'))?.sort(), [
      'google/protobuf/timestamp.proto',
      'google/protobuf/wrappers.proto',
      'tetragon/bpf.proto',
      'tetragon/capabilities.proto',
      'tetragon/tetragon.proto',
      'tetragonts/address_lookup.proto',
      'tetragonts/array_argument.proto',
      'tetragonts/enforcement.proto',
    ])
    assert.equal(descriptorsOfSymbol('tetragon.Nothing'), undefined)
    assert.equal(descriptorsOfFile('nothing.proto'), undefined)
  })
})
