import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { arch, release, version } from 'node:os'
import { readKernelConfig } from '../kernel-config.ts'
import type { Collector } from './collector.ts'

const files = {
  'os-release': '/etc/os-release',
  cmdline: '/proc/cmdline',
  cpuinfo: '/proc/cpuinfo',
  meminfo: '/proc/meminfo',
  mounts: '/proc/mounts',
  'kernel-version': '/proc/version',
  modules: '/proc/modules',
  lsm: '/sys/kernel/security/lsm',
  lockdown: '/sys/kernel/security/lockdown',
  'bpf-jit-enable': '/proc/sys/net/core/bpf_jit_enable',
  'unprivileged-bpf-disabled': '/proc/sys/kernel/unprivileged_bpf_disabled',
  'perf-event-paranoid': '/proc/sys/kernel/perf_event_paranoid',
}

const typesPath = '/sys/kernel/btf/vmlinux'

/** Collects relevant data of this machine. @param bpftool path or name of the program */
export async function collectHost(collector: Collector, bpftool: string): Promise<void> {
  await collector.json('host/system.json', async () => ({
    release: release(),
    version: version(),
    arch: arch(),
    node: process.version,
  }))
  for (const [name, path] of Object.entries(files)) await collector.file(`host/${name}`, path)
  await collector.take('host/kernel-config', async () => (await readKernelConfig()).text)
  await collector.json('host/btf.json', async () => {
    const bytes = await readFile(typesPath)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { path: typesPath, bytes: bytes.length, sha256 }
  })
  await collector.program('host/dmesg', 'dmesg')
  for (const kind of ['prog', 'map', 'link']) {
    await collector.program(`host/bpftool-${kind}.json`, bpftool, '-j', kind, 'show')
  }
  await collector.program('host/bpftool-cgroup', bpftool, 'cgroup', 'tree')
}
