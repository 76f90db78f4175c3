import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { OpenConsole } from './open-console.ts'
import { missingForOriginal, OriginalAgent } from './original-agent.ts'
import { originalEvents, recordedEvent } from './original-events.ts'
import { hurryAfterFailure } from './waits.ts'

hurryAfterFailure()

const policies = [
  {
    id: '1',
    name: 'connect',
    namespace: '',
    sensors: ['generic_kprobe'],
    filter_id: '0',
    state: 'TP_STATE_ENABLED',
    mode: 'TP_MODE_MONITOR',
    kernel_memory_bytes: '3276800',
    stats: { action_counters: { post: '12' } },
    hook_statuses: [
      { section: 'kprobes', hook_description: 'tcp_connect', state: 'STATUS_LOADED' },
    ],
  },
  {
    id: '2',
    name: 'deny-files',
    namespace: 'default',
    state: 'TP_STATE_LOAD_ERROR',
    error: 'policy handler failed',
    mode: 'TP_MODE_ENFORCE',
  },
]
const answers = { ListTracingPolicies: { policies }, GetVersion: { version: 'v1.6.0' } }

describe('a console of an agent of the original', { skip: missingForOriginal() }, () => {
  let folder: string
  let agent: OriginalAgent
  let console: OpenConsole
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tetra-console-'))
    agent = await OriginalAgent.start(folder, [...originalEvents, recordedEvent], answers)
    console = await OpenConsole.open('--server-address', agent.address)
  })
  after(async () => {
    await console?.[Symbol.asyncDispose]()
    await agent?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  it('shows its events, and those of a kind that is unknown here', async () => {
    const { page } = console
    await page.getByRole('status').filter({ hasText: '9 of 9 shown' }).waitFor()
    const rows = (await console.rows()).join('\n')
    for (const text of [
      /🚀 process default\/xwing \/bin\/bash/u,
      /🚀 process default\/xwing \/usr\/bin\/curl https:\/\/ebpf\.io\/applications/u,
      /🔌 connect default\/xwing \/usr\/bin\/curl tcp 10\.244\.0\.9:34362 -> 104\.198\.14\.52:443/u,
      /🔒 LSM +default\/xwing \/usr\/bin\/curl file_open/u,
      /\/usr\/lib\/libc\.so\.6/,
      /throttle/i,
      /💥 exit +default\/xwing \/usr\/bin\/curl.* 7/u,
      /🚀 process default\/xwing \/kind\/bin\/mount-product-files\.sh/u,
      /unknown event type/,
    ]) {
      assert.match(rows, text)
    }
  })

  it('has no past, and says why', async () => {
    const why = 'No events of the past: the agent does not serve events of the past.'
    await console.page.getByText(why).waitFor()
  })

  it('shows the whole event, with the process and those above it', async () => {
    const { page } = console
    await page.locator('.row', { hasText: 'file_open' }).click()
    await page.locator('.lineage li', { hasText: 'curl' }).last().waitFor()
    await page.locator('pre', { hasText: 'process_lsm' }).last().waitFor()
    const lineage = await page.locator('.lineage li').allTextContents()
    assert.match(lineage.at(-1) ?? '', /curl https:\/\/ebpf\.io\/applications/)
    assert.match(lineage.at(-2) ?? '', /\/bin\/bash/)
    const json = JSON.parse((await page.locator('pre').last().textContent()) ?? '')
    assert.equal(json.cluster_name, 'default')
    assert.equal(json.process_lsm.process.pod.container.name, 'spaceship')
    assert.equal(json.process_lsm.args[0].file_arg.path, '/etc/shadow')
    await page.keyboard.press('Escape')
  })

  it('shows an event as the original has recorded it', async () => {
    const { page } = console
    await page.locator('.row', { hasText: 'mount-product-files.sh' }).click()
    await page.locator('.lineage li', { hasText: 'mount-product-files.sh' }).last().waitFor()
    await page.locator('pre', { hasText: 'mount-product-files.sh' }).last().waitFor()
    const lineage = await page.locator('.lineage li').allTextContents()
    assert.match(lineage.at(-1) ?? '', /mount-product-files\.sh.*default\/xwing/s)
    assert.match(lineage.at(-2) ?? '', /\/usr\/local\/sbin\/runc --root/)
    const json = JSON.parse((await page.locator('pre').last().textContent()) ?? '')
    // The test adds fields that nothing knows, which are not shown.
    assert.deepEqual(json, recordedEvent)
    await page.keyboard.press('Escape')
  })

  it('shows its processes', async () => {
    const { page } = console
    await page.getByRole('link', { name: 'Processes', exact: true }).click()
    await page.locator('.row', { hasText: '/bin/bash' }).waitFor()
    assert.match(await console.row('/usr/bin/curl'), /exit 7/)
  })

  it('shows its policies without what only our agents report', async () => {
    const { page } = console
    await page.getByRole('link', { name: 'Policies', exact: true }).click()
    await page.getByRole('button', { name: 'default/deny-files' }).click()
    const detail = page.getByRole('region', { name: 'Policy' })
    await detail.getByText('policy handler failed').waitFor()
    assert.match((await page.locator('table').textContent()) ?? '', /post 12/)
  })

  it('says that its agent does not report kernel programs', async () => {
    const { page } = console
    await page.getByRole('button', { name: 'connect', exact: true }).click()
    await page.getByRole('button', { name: 'tcp_connect' }).click()
    const region = page.getByRole('region', { name: 'Programs of tcp_connect' })
    const hint = region.getByText('it is the original Tetragon, or an older release')
    await hint.waitFor()
    assert.equal(await region.locator('.missing').count(), 0)
  })

  it('shows its health without uptime and queues, which it does not report', async () => {
    const { page } = console
    await page.getByRole('link', { name: 'Health', exact: true }).click()
    const table = page.getByRole('table').first()
    await table.getByRole('row').nth(1).waitFor()
    const heads = await table.getByRole('columnheader').allTextContents()
    const cells = await table.getByRole('row').nth(1).getByRole('cell').allTextContents()
    for (const name of ['Uptime', 'Fullest queue', 'Lost']) {
      assert.equal(cells[heads.indexOf(name)], 'not reported')
    }
  })

  it('has no errors', () => {
    assert.deepEqual(console.problems, [])
  })
})
