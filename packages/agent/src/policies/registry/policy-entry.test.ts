import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { PolicyDocument } from '@tetragon-ts/policy'
import { AgentError } from '../../error.ts'
import { PolicyChanges, PolicyEntry, type WrittenPolicy } from './policy-entry.ts'
import { PolicyStore } from './policy-store.ts'
import { FakeLoader } from './testing/fake-loader.ts'
import { type PolicyParts, policyDocument, policyText } from './testing/policy-text.ts'

/** A loader that can refuse a policy before anything is changed. */
class CheckingLoader extends FakeLoader {
  refusal = ''

  override check({ policy: { name } }: PolicyDocument, action: string): void {
    if (this.refusal === '') return
    throw new AgentError('AGENT_POLICY', `${action} policy ${name}: ${this.refusal}`)
  }
}

const written = (parts?: PolicyParts): WrittenPolicy => {
  return { document: policyDocument('a', parts), yaml: policyText('a', parts) }
}

let folder: string
let store: PolicyStore
let loader: CheckingLoader
let changes: PolicyChanges
let entry: PolicyEntry
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policies-'))
  store = new PolicyStore(folder)
  loader = new CheckingLoader()
  changes = new PolicyChanges(loader)
  const id = { name: 'a', namespace: '', domain: 'grpc' }
  entry = new PolicyEntry(1, id, { domain: 'grpc', store }, written({ action: 'Sigkill' }))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The stored state of the policy: its function, whether it is enabled, its mode. */
const stored = () =>
  store.read().map(({ yaml, isEnabled, mode }) => [/call: (\w+)/.exec(yaml)?.[1], isEnabled, mode])
/** Functions of the loaded policies. */
const calls = () => [...loader.loaded].map(({ document }) => document.policy.hooks[0].call)
/** The folder contains complete files only. */
const isTidy = () => readdirSync(folder).every((file) => file.endsWith('.yaml'))

describe('a change of a policy', () => {
  it('loads and unloads it', async () => {
    await changes.load(entry)
    assert.deepEqual([entry.state, entry.error, calls()], ['TP_STATE_ENABLED', '', ['sys_kill']])
    await changes.unload(entry)
    assert.equal(entry.kernel, undefined)
    assert.deepEqual(calls(), [])
  })

  it('keeps the reason why it cannot be loaded', async () => {
    loader.fails = (step) => step === 'load'
    await assert.rejects(changes.load(entry), { code: 'AGENT_POLICY' })
    assert.deepEqual([entry.state, entry.error], ['TP_STATE_LOAD_ERROR', 'load policy a:\nno such'])
    loader.fails = () => false
    await changes.enable(entry)
    assert.deepEqual([entry.state, entry.error], ['TP_STATE_ENABLED', ''])
  })

  it('replaces it in the kernel and in the store', async () => {
    await changes.load(entry)
    await changes.replace(entry, written({ call: 'sys_chdir' }))
    assert.deepEqual(calls(), ['sys_chdir'])
    assert.deepEqual(stored(), [['sys_chdir', true, undefined]])
  })

  it('leaves everything as it was when the replacement is refused', async () => {
    await changes.load(entry)
    await changes.setMode(entry, 'enforce')
    const before = stored()
    loader.fails = (step) => step === 'replace'
    await assert.rejects(changes.replace(entry, written({ call: 'sys_chdir' })), /replace policy a/)
    loader.fails = () => false
    loader.refusal = 'it is not supported'
    const refused = /^AgentError: replace policy a: it is not supported$/
    await assert.rejects(changes.replace(entry, written({ call: 'sys_chdir' })), refused)
    assert.deepEqual([entry.state, calls(), stored()], ['TP_STATE_ENABLED', ['sys_kill'], before])
    assert.ok(isTidy())
  })

  it('replaces a disabled policy without loading it', async () => {
    await changes.load(entry)
    await changes.disable(entry)
    await changes.replace(entry, written({ call: 'sys_chdir' }))
    assert.deepEqual([entry.state, calls()], ['TP_STATE_DISABLED', []])
    assert.deepEqual(stored(), [['sys_chdir', false, undefined]])
    await changes.enable(entry)
    assert.deepEqual(calls(), ['sys_chdir'])
    assert.deepEqual(stored(), [['sys_chdir', true, undefined]])
  })

  it('says that it could not be unloaded, and can be tried again', async () => {
    await changes.load(entry)
    loader.fails = (step) => step === 'unload'
    await assert.rejects(changes.disable(entry), /unload policy a/)
    assert.deepEqual(
      [entry.state, entry.isEnabled, calls()],
      ['TP_STATE_ERROR', false, ['sys_kill']],
    )
    assert.match(entry.error, /^unload policy a/)
    assert.deepEqual(stored(), [])
    loader.fails = () => false
    await changes.disable(entry)
    assert.deepEqual([entry.state, entry.error, calls()], ['TP_STATE_DISABLED', '', []])
    assert.ok(isTidy())
  })

  it('unloads what is left of a policy before it loads the replacement', async () => {
    await changes.load(entry)
    loader.fails = (step) => step === 'unload'
    await assert.rejects(changes.unload(entry))
    await assert.rejects(changes.replace(entry, written({ call: 'sys_chdir' })))
    assert.deepEqual(calls(), ['sys_kill'])
    loader.fails = () => false
    await changes.replace(entry, written({ call: 'sys_chdir' }))
    assert.deepEqual([entry.state, calls()], ['TP_STATE_ENABLED', ['sys_chdir']])
  })

  it('sets the mode, or leaves it if the kernel refuses that', async () => {
    await changes.load(entry)
    loader.fails = (step) => step === 'replace'
    await assert.rejects(changes.setMode(entry, 'monitor'))
    assert.deepEqual([entry.effectiveMode, stored()], ['TP_MODE_ENFORCE', []])
    loader.fails = () => false
    await changes.setMode(entry, 'monitor')
    assert.equal(entry.effectiveMode, 'TP_MODE_MONITOR')
    assert.deepEqual(stored(), [['sys_kill', true, 'monitor']])
  })

  it('is not made if it cannot be stored', async () => {
    await changes.load(entry)
    rmSync(folder, { recursive: true })
    const failed = { code: 'refused', message: /^keep policy a: ENOENT/ }
    await assert.rejects(changes.replace(entry, written({ call: 'sys_chdir' })), failed)
    await assert.rejects(changes.disable(entry), failed)
    assert.deepEqual([entry.state, calls()], ['TP_STATE_ENABLED', ['sys_kill']])
    store = new PolicyStore(folder)
  })

  it('is not stored for a policy that only its source has', async () => {
    const id = { name: 'a', namespace: '', domain: 'static' }
    const ofFile = new PolicyEntry(2, id, { domain: 'static' }, written())
    await changes.load(ofFile)
    await changes.disable(ofFile)
    assert.equal(ofFile.state, 'TP_STATE_DISABLED')
    assert.deepEqual(readdirSync(folder), [])
  })

  describe('whose limit is reached', () => {
    const reach = () => {
      for (const policy of loader.loaded) policy.isAtLimit = true
    }
    beforeEach(async () => {
      await changes.load(entry)
      assert.equal(await changes.applyLimit(entry), undefined)
      reach()
    })

    it('stores the mode of the kernel, and reports it once', async () => {
      assert.equal(entry.effectiveMode, 'TP_MODE_MONITOR')
      assert.match((await changes.applyLimit(entry)) ?? '', /^policy a: enforcement stopped/)
      assert.equal(await changes.applyLimit(entry), undefined)
      assert.deepEqual([entry.effectiveMode, entry.limitReachedCount], ['TP_MODE_MONITOR', 1])
      assert.match(entry.status().error ?? '', /^enforcement stopped/)
      assert.deepEqual(stored(), [['sys_kill', true, 'monitor']])
    })

    it('enforces again when that is requested, even before it was noticed', async () => {
      await changes.setMode(entry, 'enforce')
      assert.equal(entry.kernel?.isAtLimit, false)
      assert.deepEqual([entry.effectiveMode, entry.limitReachedCount], ['TP_MODE_ENFORCE', 1])
      assert.equal(entry.status().error, '')
      reach()
      await changes.applyLimit(entry)
      assert.equal(entry.limitReachedCount, 2)
    })

    it('counts it when it is replaced or disabled before it was noticed', async () => {
      await changes.replace(entry, written({ action: 'Sigkill', call: 'sys_chdir' }))
      assert.deepEqual([entry.effectiveMode, entry.limitReachedCount], ['TP_MODE_ENFORCE', 1])
      assert.equal(entry.status().error, '')
      reach()
      await changes.disable(entry)
      await changes.enable(entry)
      assert.deepEqual([entry.effectiveMode, entry.limitReachedCount], ['TP_MODE_ENFORCE', 2])
      assert.equal(entry.status().error, '')
    })

    it('shows it although the mode cannot be stored', async () => {
      rmSync(folder, { recursive: true })
      assert.match((await changes.applyLimit(entry)) ?? '', /enforcement stopped: .*; .*ENOENT/)
      assert.equal(await changes.applyLimit(entry), undefined)
      assert.deepEqual([entry.effectiveMode, entry.limitReachedCount], ['TP_MODE_MONITOR', 1])
    })
  })
})
