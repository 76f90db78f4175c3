import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { googleFiles, protoText } from '@tetragon-ts/api/proto'
import { originalFolder } from './original.ts'

/**
 * Compiles the `.proto` files of the original. Needs protoc.
 * @param scratch folder for files
 * @returns path of a FileDescriptorSet
 */
export function compileOriginal(scratch: string): string {
  for (const file of googleFiles) {
    mkdirSync(dirname(join(scratch, file.path)), { recursive: true })
    writeFileSync(join(scratch, file.path), protoText(file, googleFiles))
  }
  const out = join(scratch, 'descriptors')
  const names = ['tetragon', 'events', 'sensors', 'eventlogservice', 'bpf', 'capabilities']
  // No file imports the types of settings that are lists.
  const files = [...names.map((name) => `tetragon/${name}.proto`), 'google/protobuf/struct.proto']
  const folders = ['-I', fileURLToPath(originalFolder), '-I', scratch]
  const args = [...folders, '--include_imports', '--descriptor_set_out', out, ...files]
  const { stderr } = spawnSync('protoc', args, { encoding: 'utf8' })
  assert.equal(stderr, '')
  return out
}
