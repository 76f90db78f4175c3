import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { EnumType, MessageType } from '../message.ts'
import { arbitraryMessage } from '../testing/arbitrary-message.ts'
import { agentFiles, descriptorsOfFile, otherFields, otherFieldsBytes } from '../testing/index.ts'
import { codecOf } from './codec.ts'

// The system's Python: others do not have Debian's python3-protobuf.
const python = '/usr/bin/python3'
const hasProtobuf = spawnSync(python, ['-c', 'import google.protobuf']).status === 0

/** Reads descriptors and messages from standard input; returns JSON and bytes. */
const program = `
import sys, json, base64
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, json_format
work = json.load(sys.stdin)
pool = descriptor_pool.DescriptorPool()
files = [descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(f)) for f in work["files"]]
while files:
    rest = []
    for file in files:
        try: pool.Add(file); pool.FindFileByName(file.name)
        except Exception: rest.append(file)
    assert len(rest) < len(files), rest[0].name
    files = rest
factory = message_factory.MessageFactory(pool)
out = []
for name, data in work["messages"]:
    kind = factory.GetPrototype(pool.FindMessageTypeByName(name))
    message = kind.FromString(base64.b64decode(data))
    text = json_format.MessageToDict(message, preserving_proto_field_name=True, descriptor_pool=pool)
    back = json_format.ParseDict(text, kind(), descriptor_pool=pool).SerializeToString()
    out.append([text, base64.b64encode(back).decode()])
json.dump(out, sys.stdout)
`

const isMessage = (type: MessageType | EnumType): type is MessageType => type.kind === 'message'

const skip = hasProtobuf ? false : 'python3-protobuf is not installed'

describe('the wire form', { skip }, () => {
  it('agrees with the protobuf library of Python, in both directions', () => {
    // No file imports the types of settings that are lists.
    const paths = [...agentFiles.map(({ path }) => path), 'google/protobuf/struct.proto']
    const files = paths.flatMap((path) => descriptorsOfFile(path) ?? [])
    const all = [...agentFiles, otherFields]
    const types = all.flatMap((file) => file.types).filter(isMessage)
    const packageOf = (type: MessageType): string | undefined =>
      all.find((file) => file.types.includes(type))?.package
    // Python cannot pack a type that none of its files declares, nor half a surrogate pair.
    const samples = types.flatMap((type) =>
      fc
        .sample(arbitraryMessage(type), otherFields.types.includes(type) ? 500 : 15)
        .map((value) => ({ type, value })),
    )
    const input = JSON.stringify({
      files: [...new Set([...files, otherFieldsBytes].map((bytes) => bytes.toString('base64')))],
      messages: samples.map(({ type, value }) => [
        `${packageOf(type)}.${type.name}`,
        codecOf(type).encode(value).toString('base64'),
      ]),
    })
    const maxBuffer = 2 ** 28
    const { stdout, stderr } = spawnSync(python, ['-c', program], {
      input,
      encoding: 'utf8',
      maxBuffer,
    })
    assert.equal(stderr, '')
    const answers: [object, string][] = JSON.parse(stdout)
    assert.equal(answers.length, samples.length)
    answers.forEach(([json, bytes], i) => {
      const { type, value } = samples[i]
      assert.deepEqual(json, value, type.name)
      assert.deepEqual(codecOf(type).decode(Buffer.from(bytes, 'base64')), value, type.name)
    })
  })
})
