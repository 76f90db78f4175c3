/** One kernel of the matrix: the newest that Debian's archive has for a suite. */
export interface MatrixKernel {
  /** Name on the command line: a version, or a prefix of one. */
  readonly name: string
  /** Suites of the main archive that carry it. */
  readonly suites: readonly string[]
  /** Suites of the security archive that carry newer builds of it. */
  readonly securitySuites: readonly string[]
}

/** The matrix, oldest first. All kernels have BTF and the BPF ring buffer. */
export const matrixKernels: readonly MatrixKernel[] = [
  { name: '5.10', suites: ['bullseye'], securitySuites: ['bullseye-security'] },
  { name: '6.1', suites: ['bookworm'], securitySuites: ['bookworm-security'] },
  { name: '6.12', suites: ['trixie'], securitySuites: ['trixie-security'] },
  { name: '7', suites: ['trixie-backports'], securitySuites: [] },
]

/** A kernel that is built from Debian's sources, for what no kernel of Debian has. */
export interface BuiltKernel {
  readonly name: string
  /** Name of the kernel in the matrix with the same version. */
  readonly base: string
  /** Debian's package with the sources. */
  readonly source: string
}

/** Not part of the matrix: `npm run build:kernel` takes minutes (test/vm/build/build-kernel.ts). */
export const builtKernel: BuiltKernel = {
  name: '6.12-override',
  base: '6.12',
  source: 'linux-source-6.12',
}

/** The kernel of `npm test`: it shows what only kprobes, trampolines and LSM programs can show. */
export const mainKernel = '6.12'

/** The kernel with the strictest verifier: all programs load on it. */
export const oldestKernel = '5.10'

/** Its attach methods are those of others; its structures and its verifier are its own. */
export const middleKernel = '6.1'

/** Differences between the architectures of Debian's cloud kernels. */
export interface Architecture {
  /** Debian's name of it. */
  readonly debian: string
  readonly qemu: string
  readonly machine: string
  readonly processor: string
  readonly console: string
}

/**
 * Processors have all features of QEMU, except those that only cost time: five-level page tables,
 * string instructions and wide registers, which are slow in emulation.
 */
const architectures: Readonly<Record<string, Architecture>> = {
  x64: {
    debian: 'amd64',
    qemu: 'qemu-system-x86_64',
    machine: 'q35',
    processor: 'max,la57=off,erms=off,fsrm=off,avx=off,avx2=off,mpx=off,pku=off',
    console: 'ttyS0',
  },
  arm64: {
    debian: 'arm64',
    qemu: 'qemu-system-aarch64',
    machine: 'virt',
    processor: 'max',
    console: 'ttyAMA0',
  },
}

/** The architecture of this machine: guests run the host's programs. */
export function hostArchitecture(): Architecture {
  const architecture = architectures[process.arch]
  if (architecture === undefined) {
    throw new Error(`choose kernels: Debian has no cloud kernel for ${process.arch}`)
  }
  return architecture
}

/** Whether a Debian version such as `5.10.262-1` belongs to the kernel named `5.10`. */
export function versionBelongsTo(version: string, name: string): boolean {
  return version === name || version.startsWith(`${name}.`)
}
