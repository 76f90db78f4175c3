import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseKernelConfig, readKernelConfig } from '../../kernel-config.ts'

test("the kernel's config is read, compressed or not, or reported as missing", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tetra-config-'))
  try {
    const text = '# CONFIG_AUDIT is not set\nCONFIG_BPF=y\nCONFIG_LSM="bpf"\n'
    const [packed, plain] = [join(folder, 'config.gz'), join(folder, 'config')]
    await assert.rejects(readKernelConfig([packed, plain]), /ENOENT.*config\.gz.*; ENOENT.*config'/)
    writeFileSync(plain, text)
    assert.deepEqual(await readKernelConfig([packed, plain]), { path: plain, text })
    writeFileSync(packed, gzipSync(text))
    assert.deepEqual(await readKernelConfig([packed, plain]), { path: packed, text })
    const settings = [...parseKernelConfig(text)]
    assert.deepEqual(settings, [
      ['CONFIG_BPF', 'y'],
      ['CONFIG_LSM', '"bpf"'],
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
