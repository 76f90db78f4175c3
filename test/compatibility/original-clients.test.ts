import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { codecOf, extensionFields, type MessageType } from '@tetragon-ts/api'
import { agentFiles } from '@tetragon-ts/api/proto'
import { arbitraryMessage, originalMessage } from '@tetragon-ts/api/testing'
import fc from 'fast-check'
import { compileOriginal } from './reference/descriptors.ts'

// The system's Python: others do not have Debian's python3-protobuf.
const python = '/usr/bin/python3'
const hasProtobuf = spawnSync(python, ['-c', 'import google.protobuf']).status === 0
const hasProtoc = spawnSync('protoc', ['--version']).status === 0
const skip = hasProtobuf && hasProtoc ? false : 'python3-protobuf or protoc is not installed'

/** Decodes messages with the descriptors in a file, and returns the result. */
const program = `
import sys, json, base64
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, json_format
pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(open(sys.argv[1], "rb").read()).file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)
def understood(name, data):
    message = factory.GetPrototype(pool.FindMessageTypeByName("tetragon." + name)).FromString(data)
    return json_format.MessageToDict(message, preserving_proto_field_name=True, descriptor_pool=pool)
messages = json.load(sys.stdin)
json.dump([understood(name, base64.b64decode(data)) for name, data in messages], sys.stdout)
`

describe("a client with the original's descriptors", { skip }, () => {
  it('understands every message of ours, and ignores the fields that we add', (context) => {
    const scratch = mkdtempSync(join(tmpdir(), 'original-'))
    context.after(() => rmSync(scratch, { recursive: true }))
    const types = agentFiles
      .filter((file) => file.package === 'tetragon')
      .flatMap((file) => file.types)
      .filter((type): type is MessageType => type.kind === 'message')
    const samples = types.flatMap((type) => {
      const random = fc.sample(arbitraryMessage(type), 10)
      return [...random, ...withExtensions(type)].map((value) => ({ type, value }))
    })
    const input = samples.map(({ type, value }) => [
      type.name,
      codecOf(type).encode(value).toString('base64'),
    ])
    const { stdout, stderr } = spawnSync(python, ['-c', program, compileOriginal(scratch)], {
      input: JSON.stringify(input),
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    })
    assert.equal(stderr, '')
    const answers = JSON.parse(stdout) as object[]
    assert.equal(answers.length, samples.length)
    for (const [i, { type, value }] of samples.entries()) {
      const codec = codecOf(originalMessage(type))
      assert.deepEqual(answers[i], codec.decode(codecOf(type).encode(value)), type.name)
    }
  })
})

/** A message with all of our fields. */
function withExtensions(type: MessageType): object[] {
  const prefix = `${type.name}.`
  const names = Object.keys(extensionFields).filter((name) => name.startsWith(prefix))
  return names.flatMap((name) => {
    const field = name.slice(prefix.length)
    const sampled = fc.sample(
      arbitraryMessage(type).filter((value) => field in value),
      3,
    )
    assert.ok(!(field in originalMessage(type).fields))
    return sampled
  })
}
