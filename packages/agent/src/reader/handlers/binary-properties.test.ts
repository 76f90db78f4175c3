import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reader, recordMemory } from '@tetragon-ts/ebpf/records'
import { basicContent, processRecords } from '@tetragon-ts/sensors'
import { binaryProperties } from './binary-properties.ts'

const { ExecRecord } = processRecords({ ...basicContent, credentials: true })
const binaryAt = ExecRecord.field('binary').offset
const { Identity } = processRecords({ ...basicContent, credentials: true })
const credentialsAt = ExecRecord.field('identity').offset + Identity.field('credentials').offset

interface Facts {
  readonly uid?: number
  readonly euid?: number
  readonly gid?: number
  readonly egid?: number
  readonly mode?: number
  readonly links?: number
  readonly privileged?: number
  readonly before?: bigint
  readonly permitted?: bigint
}

/** The properties of an exec with these facts; ids are 1000 by default. */
function told(facts: Facts): object {
  const memory = recordMemory(new ArrayBuffer(ExecRecord.size))
  const view = new DataView(memory.bytes.buffer)
  const { uid = 1000, euid = 1000, gid = 1000, egid = 1000, mode = 0o755, links = 1 } = facts
  const binary = ExecRecord.shape.binary
  const value = { inode: 2n ** 60n, permittedBefore: facts.before ?? 0n, mode, links, padding: 0 }
  binary.encode({ ...value, privileged: facts.privileged ?? 1 }, view, binaryAt)
  const credentials = Identity.shape.credentials
  const ids = { uid, gid, euid, egid, suid: euid, sgid: egid, fsuid: euid, fsgid: egid }
  const caps = { permitted: facts.permitted ?? 0n, effective: 0n, inheritable: 0n }
  const namespace = { level: 0, owner: 0, group: 0, inum: 1 }
  credentials.encode({ ...ids, ...caps, ...namespace, securebits: 0 }, view, credentialsAt)
  const fields = reader(ExecRecord, memory)
  fields.at(0)
  const json = JSON.parse(`{"x":1${binaryProperties(fields)}}`)
  return json.binary_properties ?? {}
}

const [setuid, setgid] = [0o4755, 0o2755]
const raised = (...how: string[]) => how.map((each) => `PRIVILEGES_RAISED_EXEC_FILE_${each}`)

describe('properties of an executed file', () => {
  it('are ids set by the file, and privileges gained with root', () => {
    const root = { euid: 0, permitted: 0xffn }
    const changed = { setuid: 0, privileges_changed: raised('SETUID') }
    assert.deepEqual(told({ ...root, mode: setuid }), changed)
    assert.deepEqual(told({ euid: 5, mode: setuid }), { setuid: 5 })
    assert.deepEqual(told({ egid: 0, mode: setgid }), {
      setgid: 0,
      privileges_changed: raised('SETGID'),
    })
  })

  it('include nothing that the process had before', () => {
    assert.deepEqual(told({ mode: setuid }), {})
    assert.deepEqual(told({ uid: 1, euid: 0, permitted: 1n, mode: 0o755 }), {})
    // The kernel ignored the bits, for example where nosuid is mounted.
    assert.deepEqual(told({ euid: 0, mode: setuid, privileged: 0 }), {})
    // Without execute permission the setgid bit marks mandatory locking.
    assert.deepEqual(told({ egid: 0, mode: 0o2745 }), {})
  })

  it('are capabilities gained from the file', () => {
    const changed = { privileges_changed: raised('CAP') }
    assert.deepEqual(told({ permitted: 1n << 40n }), changed)
    assert.deepEqual(told({ permitted: 0n }), {})
    assert.deepEqual(told({ uid: 0, euid: 0, permitted: 1n }), {})
    const group = { egid: 7, mode: setgid, permitted: 0b11n }
    assert.deepEqual(told({ ...group, before: 0b11n }), { setgid: 7 })
    assert.deepEqual(told({ ...group, before: 0b01n }), { setgid: 7, ...changed })
  })

  it('are the inode of a file without names', () => {
    const inode = { number: String(2n ** 60n), links: 0 }
    assert.deepEqual(told({ privileged: 0, links: 0 }), { file: { inode } })
  })
})
