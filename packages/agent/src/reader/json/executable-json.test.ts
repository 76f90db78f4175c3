import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import { executableJson } from './executable-json.ts'
import { imageJson, wholeText } from './process-json.ts'

const text = (value: string) => wholeText(Buffer.from(value))

function executable(cwd: string, used: string, path: string, isDeleted = false, isCut = false) {
  const out = new ByteWriter()
  const image = imageJson({ out }, text(cwd), text(used), text(''), false)
  const json = executableJson(out, image, text(used), { path: text(path), isDeleted, isCut })
  assert.equal(out.length, 0)
  return json === '' ? undefined : JSON.parse(`{${json.slice(1)}}`).executable
}

it('is omitted where it is the path that is shown, or unknown', () => {
  assert.equal(executable('/', '/bin/true', '/bin/true'), undefined)
  assert.equal(executable('/bin', './true', '/bin/true'), undefined)
  assert.equal(executable('/', '/bin/"ä"', '/bin/"ä"'), undefined)
  assert.equal(executable('/', '/bin/true', ''), undefined)
})

it('is the other path, with what is special about it', () => {
  assert.equal(executable('/', '/bin/sh', '/usr/bin/dash'), '/usr/bin/dash')
  assert.equal(executable('/', '/bin/sh', '/bin/sh', true), '/bin/sh (deleted)')
  assert.equal(executable('/', '/bin/sh', '/bin/sh', false, true), '(unreachable)/bin/sh')
})
