import type { KprobeArgument } from '../messages/kprobe-argument.ts'
import type { KprobeBody, KprobeFormat, KprobeFormats } from './kprobe-format.ts'
import { bpfCheck } from './kprobes/bpf-check.ts'
import { bpfMapCreate } from './kprobes/bpf-map-create.ts'
import { clockSettime } from './kprobes/clock-settime.ts'
import { close } from './kprobes/close.ts'
import { execConnector } from './kprobes/exec-connector.ts'
import { fdInstall } from './kprobes/fd-install.ts'
import { filePermission } from './kprobes/file-permission.ts'
import { fileTruncate } from './kprobes/file-truncate.ts'
import { mmapFile } from './kprobes/mmap-file.ts'
import { mount } from './kprobes/mount.ts'
import { open } from './kprobes/open.ts'
import { pathTruncate } from './kprobes/path-truncate.ts'
import { perfEventAlloc } from './kprobes/perf-event-alloc.ts'
import { readWrite } from './kprobes/read-write.ts'
import { setns } from './kprobes/setns.ts'
import { setuid } from './kprobes/setuid.ts'
import { tcp } from './kprobes/tcp.ts'
import { tcpSendmsg } from './kprobes/tcp-sendmsg.ts'

const formats = new Map<string, KprobeFormat>(
  [
    readWrite,
    fdInstall,
    open,
    close,
    mount,
    setuid,
    clockSettime,
    execConnector,
    setns,
    tcp,
    tcpSendmsg,
    bpfCheck,
    perfEventAlloc,
    bpfMapCreate,
    filePermission,
    mmapFile,
    pathTruncate,
    fileTruncate,
  ].flatMap((group: KprobeFormats) => Object.entries(group)),
)

const architecture = /^__(?:x64|arm64|ia32)_/

/** The name of a function on all architectures: `sys_mount`. */
export function withoutArchitecture(functionName: string): string {
  return functionName.replace(architecture, '')
}

/** The line of a hooked function; undefined if it has no format. */
export function kprobeBody(
  functionName: string,
  args: readonly KprobeArgument[],
): KprobeBody | undefined {
  return formats.get(withoutArchitecture(functionName))?.(args)
}
